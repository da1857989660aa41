package workflow

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// File is a workflow file of a repository, as far as plumbline is concerned.
type File struct {
	Path string // from the root, with slashes
	Name string // as workflow_run calls it
	Uses []Use
	// Of are the names of the workflows whose runs start this one.
	Of []string
	on map[string]any // what each event says, by its name
}

// Use is a step that uses plumbline.
type Use struct {
	Job    string
	With   map[string]string
	Lax    bool              // a failure of the step or its job counts for nothing
	rights map[string]string // by permission; nil: as the repository says
}

// Mode is what the step does.
func (u Use) Mode() string {
	if m := u.With["mode"]; m != "" {
		return m
	}
	return "check"
}

// maxFile is well above any workflow.
const maxFile = 1 << 20

// Read reads the workflow files of a repository, in the order of their names. The
// errors are about those that cannot be read.
func Read(tree fs.FS) (files []File, errs []error) {
	names, err := fs.ReadDir(tree, Folder)
	if err != nil {
		return nil, nil // a repository needs none
	}
	for _, e := range names {
		name := path.Join(Folder, e.Name())
		if ext := path.Ext(name); e.IsDir() || ext != ".yml" && ext != ".yaml" {
			continue
		}
		data, err := fs.ReadFile(tree, name)
		if err == nil && len(data) > maxFile {
			err = fmt.Errorf("it has %d bytes, more than any workflow", len(data))
		}
		var f File
		if err == nil {
			f, err = parse(name, data, own(tree))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		files = append(files, f)
	}
	return files, errs
}

// own reports whether the repository is that of an action plumbline, which its
// workflows call by a path.
func own(tree fs.FS) bool {
	data, err := fs.ReadFile(tree, "action.yml")
	return err == nil && regexp.MustCompile(`(?m)^name: plumbline\s*$`).Match(data)
}

// document is what is read of a workflow. What may be of several kinds is any.
type document struct {
	Name        string         `yaml:"name"`
	On          any            `yaml:"on"`
	Permissions any            `yaml:"permissions"`
	Jobs        map[string]job `yaml:"jobs"`
}

type job struct {
	Permissions any    `yaml:"permissions"`
	Lax         any    `yaml:"continue-on-error"`
	Steps       []step `yaml:"steps"`
}

type step struct {
	Uses string         `yaml:"uses"`
	With map[string]any `yaml:"with"`
	Lax  any            `yaml:"continue-on-error"`
}

func parse(name string, data []byte, own bool) (f File, err error) {
	defer func() { // the parser panics on some input that is no YAML
		if r := recover(); r != nil {
			err = fmt.Errorf("it is not understood as YAML: %v", r)
		}
	}()
	var d document
	if err := yaml.Unmarshal(data, &d); err != nil {
		return f, fmt.Errorf("it is no workflow: %s", firstLine(yaml.FormatError(err, false, false)))
	}
	f = File{Path: name, Name: d.Name, on: events(d.On)}
	if f.Name == "" {
		f.Name = name
	}
	if after, ok := f.on["workflow_run"].(map[string]any); ok {
		f.Of = texts(after["workflows"])
	}
	for _, key := range keys(d.Jobs) {
		j := d.Jobs[key]
		for _, s := range j.Steps {
			if !ours(s.Uses, own) {
				continue
			}
			u := Use{Job: key, With: map[string]string{}, Lax: j.Lax == true || s.Lax == true, rights: rights(j.Permissions)}
			if j.Permissions == nil {
				u.rights = rights(d.Permissions)
			}
			for in, v := range s.With {
				u.With[in] = fmt.Sprint(v)
			}
			f.Uses = append(f.Uses, u)
		}
	}
	return f, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func keys[V any](m map[string]V) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// ours reports whether a step uses plumbline, a copy of it under another owner too.
func ours(uses string, own bool) bool {
	name, _, pinned := strings.Cut(uses, "@")
	return pinned && strings.HasSuffix(name, "/plumbline") || own && (uses == "./" || uses == ".")
}

// events are what a workflow is started by: a word, a list of words, or a map.
func events(on any) map[string]any {
	if m, ok := on.(map[string]any); ok {
		return m
	}
	all := map[string]any{}
	for _, e := range texts(on) {
		all[e] = nil
	}
	return all
}

// texts are the texts of a value that is one, or a list of them.
func texts(v any) []string {
	switch v := v.(type) {
	case nil:
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, fmt.Sprint(e))
		}
		return all
	default:
		return []string{fmt.Sprint(v)}
	}
	return nil
}

// rights are what a permissions key grants. What is not named is none.
func rights(v any) map[string]string {
	switch v := v.(type) {
	case nil:
		return nil
	case map[string]any:
		all := map[string]string{}
		for k, level := range v {
			all[k] = fmt.Sprint(level)
		}
		return all
	default:
		all := map[string]string{}
		for _, p := range permissions {
			all[p[0]], _ = strings.CutSuffix(fmt.Sprint(v), "-all")
		}
		return all
	}
}
