package pushgateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

// Options say where to and as what.
type Options struct {
	// URL is that of the Pushgateway. It may have a user and a password, and the
	// job and grouping in the Pushgateway's own form:
	// https://host:9091/metrics/job/nightly/branch/main
	URL string
	// Job and Grouping key the group that a push replaces. An empty Job is the
	// run's suite, job or type. A nil Grouping is all that tells where a run is
	// from.
	Job      string
	Grouping collect.Tags
	// Token is sent as a bearer token where it is not empty.
	Token string
	// Client sends; nil: http.DefaultClient.
	Client *http.Client
}

// Sender sends to one Pushgateway.
type Sender struct {
	options        Options
	url            string // without user, job and grouping
	user, password string
}

// New returns a sender. It does not connect.
func New(o Options) (*Sender, error) {
	u, err := export.Address(o.URL)
	if err != nil {
		return nil, err
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("want the address of a Pushgateway, such as http://localhost:9091")
	}
	s := &Sender{options: o}
	s.options.Client = cmp.Or(o.Client, http.DefaultClient)
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	u.User, u.RawQuery = nil, ""
	before, key, ok := strings.Cut(u.EscapedPath(), "/metrics/job")
	if ok {
		job, grouping, err := parseGroup("job" + key)
		if err != nil {
			return nil, err
		}
		s.options.Job = cmp.Or(o.Job, job)
		if o.Grouping == nil {
			s.options.Grouping = grouping
		}
	}
	u.Path, u.RawPath = "", ""
	s.url = u.String() + strings.TrimSuffix(before, "/")
	return s, nil
}

// parseGroup reads the grouping key of a path, LABEL/VALUE/..., where a value
// behind LABEL@base64 is encoded.
func parseGroup(path string) (job string, grouping collect.Tags, err error) {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(parts)%2 != 0 {
		return "", nil, errors.New("want pairs in the address' path: /metrics/job/JOB/LABEL/VALUE")
	}
	grouping = collect.Tags{}
	for i := 0; i < len(parts); i += 2 {
		label, encoded := strings.CutSuffix(parts[i], "@base64")
		value, err := url.PathUnescape(parts[i+1])
		if encoded && err == nil {
			var text []byte
			text, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(value, "="))
			value = string(text)
		}
		if err != nil {
			return "", nil, fmt.Errorf("the value of label %q in the address' path cannot be read: want it escaped, or in base64 behind LABEL@base64", label)
		}
		grouping[label] = value
	}
	job = grouping["job"]
	delete(grouping, "job")
	if job == "" {
		return "", nil, errors.New("the job in the address' path is empty")
	}
	return job, grouping, nil
}

// Send replaces the set's group.
func (s *Sender) Send(ctx context.Context, set export.Set) error {
	if len(set.Families) == 0 {
		return export.ErrNothing
	}
	job, grouping, labels := s.group(set)
	families := export.Gathered(set, labels)
	for _, f := range families {
		for _, m := range f.Metric {
			rename(m, grouping)
		}
	}
	var text bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			return fmt.Errorf("push to %s: %w", s.url, err)
		}
	}
	if err := s.put(ctx, path(job, grouping), &text); err != nil {
		return fmt.Errorf("push to %s: %w", s.url, err)
	}
	return nil
}

const mostAnswer = 2000 // bytes of an answer, which are put into the error

// put replaces what the Pushgateway has of a group.
func (s *Sender) put(ctx context.Context, group string, text io.Reader) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, s.url+group, text)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", string(expfmt.NewFormat(expfmt.TypeTextPlain)))
	r.Header.Set("User-Agent", "plumbline")
	if s.options.Token != "" {
		r.Header.Set("Authorization", "Bearer "+s.options.Token)
	}
	if s.user != "" {
		r.SetBasicAuth(s.user, s.password)
	}
	resp, err := s.options.Client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, mostAnswer)) // what it says is for people
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the answer is %s: %s", resp.Status, bytes.TrimSpace(answer))
	}
	return nil
}

// path is that of a group, as the Pushgateway's documentation has it: a value that
// no path can hold is in base64.
func path(job string, grouping collect.Tags) string {
	var b strings.Builder
	b.WriteString("/metrics")
	part := func(label, value string) {
		switch {
		case value == "":
			fmt.Fprintf(&b, "/%s@base64/=", label)
		case strings.Contains(value, "/") || value == "." || value == "..":
			fmt.Fprintf(&b, "/%s@base64/%s", label, base64.RawURLEncoding.EncodeToString([]byte(value)))
		default:
			fmt.Fprintf(&b, "/%s/%s", label, url.PathEscape(value))
		}
	}
	part("job", job)
	for _, label := range slices.Sorted(maps.Keys(grouping)) {
		part(label, grouping[label])
	}
	return b.String()
}

// Close implements export.Sender.
func (s *Sender) Close() error { return nil }

// group tells the group of a set and the labels of all its metrics.
func (s *Sender) group(set export.Set) (job string, grouping, labels collect.Tags) {
	job = cmp.Or(s.options.Job, set.Subject())
	where := set.Where()
	if name := where["job"]; name != "" && name != job {
		where["ci_job"] = name // job is the Pushgateway's own label
	}
	delete(where, "job")
	if s.options.Grouping == nil {
		if where["suite"] == job {
			delete(where, "suite")
		}
		return job, where, nil
	}
	for label := range s.options.Grouping {
		delete(where, label)
	}
	return job, s.options.Grouping, where
}

// rename keeps the labels of a metric from those of its group, as Prometheus
// does with labels that a target has of its own.
func rename(m *dto.Metric, grouping collect.Tags) {
	own := map[string]bool{}
	for _, l := range m.Label {
		own[l.GetName()] = true
	}
	taken := func(name string) bool { _, ok := grouping[name]; return ok || name == "job" || own[name] }
	for _, l := range m.Label {
		name := l.GetName()
		if _, ok := grouping[name]; !ok && name != "job" {
			continue
		}
		for name = "exported_" + name; taken(name); {
			name = "exported_" + name
		}
		own[name] = true
		l.Name = &name
	}
	slices.SortFunc(m.Label, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
}
