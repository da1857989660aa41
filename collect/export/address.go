package export

import (
	"errors"
	"net/url"
	"strings"
)

// errAddress says nothing of the address: where it cannot be read, nobody knows
// which part of it is a secret.
var errAddress = errors.New("the address cannot be read; want SCHEME://[USER:PASSWORD@]HOST[:PORT][/PATH], with %XX for what is special in a URL (@ is %40, / is %2F, # is %23)")

// Address reads the address of a server. No error of it has a secret in it.
func Address(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.Fragment != "" || u.Opaque != "" {
		return nil, errAddress
	}
	// An @ behind the host is mostly of a password that was not escaped, and what
	// looks like the host is a part of it.
	for _, part := range strings.Split(u.Path, "/") {
		if strings.Contains(strings.TrimSuffix(part, "@base64"), "@") {
			return nil, errAddress
		}
	}
	return u, nil
}

// Redacted is an address as it may be printed: without user, password and query.
func Redacted(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
