package git

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// place is the repository around the working folder, as far as it matters.
type place struct {
	none   error  // why there is none
	common string // its folder of objects and branches
	base   string // the folder from which the relative paths of remotes count
	head   string // the branch that is checked out; empty: none
	format string // of its objects
	config []setting
}

// whoever's repository it is: in a container it is mostly another user's.
var whoever = setting{key: "safe.directory", value: "*"}

// survey looks at the repository around the working folder and changes nothing.
func survey(ctx context.Context, dir string) (*place, error) {
	p := &program{dir: dir, config: []setting{whoever}}
	w := &place{base: dir, format: "sha1"}
	out, err := p.git(ctx, nil, "rev-parse", "--git-common-dir", "--show-object-format", "--show-cdup")
	if f := (*failed)(nil); errors.As(err, &f) {
		w.none = fmt.Errorf("%s is in no git repository: %w", dir, err)
		out, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if lines := strings.Split(string(out), "\n"); w.none == nil && len(lines) > 2 {
		w.common, w.format, w.base = under(dir, lines[0]), lines[1], under(dir, lines[2])
	}
	if out, err = p.git(ctx, nil, "config", "--null", "--list", "--show-scope"); err != nil {
		return nil, err
	}
	w.config = parseConfig(out)
	if out, err := p.git(ctx, nil, "symbolic-ref", "--quiet", "HEAD"); err == nil {
		w.head = strings.TrimPrefix(strings.TrimSpace(string(out)), "refs/heads/")
	}
	return w, ctx.Err()
}

func under(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// parseConfig reads what git config --null --list --show-scope prints.
func parseConfig(out []byte) (config []setting) {
	fields := bytes.Split(out, []byte{0})
	for i := 0; i+1 < len(fields); i += 2 {
		key, value, _ := strings.Cut(string(fields[i+1]), "\n")
		config = append(config, setting{string(fields[i]), key, value})
	}
	return config
}

// own reports whether a setting is of the repository, and not of user or machine,
// which git reads by itself.
func (c setting) own() bool { return c.scope == "local" || c.scope == "worktree" }

// values are those of a key, the last of which counts where there can be one only.
func (w *place) values(key string) (values []string) {
	for _, c := range w.config {
		if c.key == key && c.value != "" {
			values = append(values, c.value)
		}
	}
	return values
}

// remotes are the names of the remotes that have an URL.
func (w *place) remotes() (names []string) {
	for _, c := range w.config {
		if name, ok := strings.CutPrefix(c.key, "remote."); ok {
			if name, ok = strings.CutSuffix(name, ".url"); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// self is the remote that stands for the repository itself.
const self = "."

// choose says which remote has the branch: the name of one, self, or an URL.
func (w *place) choose(asked string) (name, url string, err error) {
	names := w.remotes()
	switch {
	case slices.Contains(names, asked):
		return asked, "", nil
	case asked != "" && asked != self && strings.ContainsAny(asked, `/:\`):
		return "", asked, nil
	case w.none != nil:
		return "", "", fmt.Errorf("%w; run plumbline in a checkout, or name the remote, as in git:perf@https://host/owner/name", w.none)
	case asked == self:
		return self, "", nil
	case asked != "":
		return "", "", fmt.Errorf("there is no remote %q; want one of %q, an URL or a path", asked, names)
	case slices.Contains(names, "origin"):
		return "origin", "", nil
	}
	if of := w.values("branch." + w.head + ".remote"); len(of) > 0 && (of[len(of)-1] == self || slices.Contains(names, of[len(of)-1])) {
		return of[len(of)-1], "", nil
	}
	switch len(names) {
	case 0:
		return self, "", nil
	case 1:
		return names[0], "", nil
	}
	return "", "", fmt.Errorf("which of the remotes %q is meant? say it, as in git:perf@%s", names, names[0])
}

// remoteName is what the private repository calls the remote.
const remoteName = "plumbline"

// reach is the configuration by which the private repository reaches the remote.
func (w *place) reach(name, url string) []setting {
	to := func(key, value string) setting { return setting{key: "remote." + remoteName + "." + key, value: value} }
	var config []setting
	for _, c := range w.config {
		if key, ok := strings.CutPrefix(c.key, "remote."+name+"."); ok && slices.Contains(ofRemote, key) {
			config = append(config, to(key, c.value))
		}
		if c.own() && slices.ContainsFunc(ofTransport, func(p string) bool { return strings.HasPrefix(c.key, p) }) {
			config = append(config, c)
		}
	}
	switch {
	case name == self:
		// It is the user's, whoever owns it, and its hooks are for the user's own work.
		const git = `git -c 'safe.directory=*' -c core.hooksPath=/dev/null -c receive.autogc=false `
		config = append(config, to("url", w.common), to("uploadpack", git+"upload-pack"), to("receivepack", git+"receive-pack"))
	case name == "":
		config = append(config, to("url", url))
	}
	return config
}

// What of a configuration says how to reach a remote. Keys come in lower case but
// for what stands in the middle.
var (
	ofRemote    = []string{"url", "pushurl", "proxy", "proxyauthmethod", "uploadpack", "receivepack", "vcs"}
	ofTransport = []string{"http.", "https.", "url.", "credential.", "core.sshcommand", "core.askpass", "core.gitproxy", "ssh.", "protocol."}
)

// secrets are what a configuration and an address have that nobody must read.
func secrets(config []setting) (found []string) {
	add := func(text string) {
		if len(text) >= 4 && !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	for _, c := range config {
		if strings.HasSuffix(c.key, ".extraheader") {
			add(c.value)
			words := strings.Fields(c.value)
			if len(words) == 0 {
				continue
			}
			last := words[len(words)-1]
			add(last)
			if plain, err := base64.StdEncoding.DecodeString(last); err == nil {
				add(string(plain))
				_, password, _ := strings.Cut(string(plain), ":")
				add(password)
			}
		}
		for _, m := range user.FindAllString(c.key+" "+c.value, -1) {
			_, m, _ = strings.Cut(m, "://")
			_, password, ok := strings.Cut(strings.TrimSuffix(m, "@"), ":")
			if !ok {
				password = strings.TrimSuffix(m, "@")
			}
			add(password)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}
