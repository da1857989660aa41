package cli

import (
	"fmt"
	"net/url"

	"github.com/plumbline-ci/plumbline/collect/listen"
)

// listenOptions are the flags of run for what the command sends.
type listenOptions struct {
	off    bool
	scrape []string
}

func (o listenOptions) valid() error {
	for _, s := range o.scrape {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("--scrape %q: want an address such as http://localhost:8080/metrics", s)
		}
	}
	if o.off && len(o.scrape) > 0 {
		return fmt.Errorf("--scrape reads what --no-listen leaves out; give one of them")
	}
	return nil
}

// listen opens what a command sends its metrics to, and returns its environment
// with where that is.
func (a *app) listen(o listenOptions, env []string) (*listen.Listener, []string, error) {
	if o.off {
		return nil, env, nil
	}
	l, err := listen.Start(listen.Options{Scrape: o.scrape, Every: a.settings.interval.d})
	if err != nil {
		return nil, env, err
	}
	return l, append(env, l.Env(a.Getenv)...), nil
}

// heard ends the listening and says what was left out.
func (a *app) heard(l *listen.Listener) listen.Found {
	if l == nil {
		return listen.Found{}
	}
	found := l.Close()
	for _, n := range found.Notes {
		a.say("%s", n)
	}
	return found
}
