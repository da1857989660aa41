package statsd

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	client "github.com/smira/go-statsd"

	"github.com/plumbline-ci/plumbline/collect/export"
)

// Options say where to and how.
type Options struct {
	// URL is statsd://HOST:PORT or dogstatsd://HOST:PORT over UDP, or
	// statsd+unix:///PATH or dogstatsd+unix:///PATH over a unix socket; unix:///PATH
	// is the latter, as Datadog spells it. Its query may have prefix and tags in
	// place of the fields below. A port that is not given is 8125.
	URL string
	// Prefix is put before all names.
	Prefix string
	// Tags is how tags are written: name (a part of the name), graphite, influx or
	// datadog; empty: datadog for DogStatsD, else name.
	Tags string
}

// byName makes tags a part of the name, as any StatsD takes it.
var byName = &client.TagFormat{Placement: client.TagPlacementName, FirstSeparator: ".", OtherSeparator: '.', KeyValueSeparator: []byte{'.'}}

var styles = map[string]*client.TagFormat{
	"name": byName, "graphite": client.TagFormatGraphite, "influx": client.TagFormatInfluxDB, "datadog": client.TagFormatDatadog,
}

// New returns a sender. It does not connect.
func New(o Options) (*Sender, error) {
	u, err := export.Address(o.URL)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	for key, to := range map[string]*string{"prefix": &o.Prefix, "tags": &o.Tags} {
		if q.Has(key) {
			*to = q.Get(key)
		}
	}
	s := &Sender{shown: export.Redacted(u), prefix: o.Prefix, sent: map[string]float64{}}
	if err := s.where(u); err != nil {
		return nil, err
	}
	if o.Tags == "" {
		o.Tags = "datadog"
		if strings.HasPrefix(u.Scheme, "statsd") {
			o.Tags = "name"
		}
	}
	if s.style = styles[o.Tags]; s.style == nil {
		return nil, fmt.Errorf("tags=%q: want name, graphite, influx or datadog", o.Tags)
	}
	return s, nil
}

func (s *Sender) where(u *url.URL) error {
	switch u.Scheme {
	case "unix", "statsd+unix", "dogstatsd+unix":
		s.network, s.address = "unixgram", u.Path
		if u.Host != "" || u.Path == "" {
			return fmt.Errorf("want the path of a socket, such as %s:///run/statsd.sock", u.Scheme)
		}
		return nil
	case "statsd", "dogstatsd":
		s.network, s.address = "udp", u.Host
		if u.Port() == "" && u.Hostname() != "" {
			s.address = net.JoinHostPort(u.Hostname(), "8125")
		}
		if u.Hostname() != "" {
			return nil
		}
	}
	return errors.New("want the address of a server, such as statsd://localhost:8125 or unix:///run/dsd.sock")
}
