package store

import (
	"net/url"
	"slices"
	"strings"
)

// hidden stands for what nobody may read, as package net/url writes it.
const hidden = "xxxxx"

// Name is an address as anybody may read it: without passwords.
func Name(address string) string {
	if Scheme(address) == "" && !strings.Contains(address, "://") {
		return address
	}
	name, ok := redact(address)
	if !ok {
		scheme, _, _ := strings.Cut(address, ":")
		return scheme + ":…" // nobody knows what of it is secret
	}
	return name
}

// Secret reports whether an address says what nobody else may read, such as a
// password.
func Secret(address string) bool { return Name(address) != address }

// redact hides what is secret of an address and leaves all else as it is written.
func redact(address string) (name string, ok bool) {
	at := strings.Index(address, "://")
	if at < 0 {
		return address, true // a path or a branch behind the scheme
	}
	at += len("://")
	scheme := address[:at-len("://")]
	if i := strings.LastIndexAny(scheme, ":@"); i >= 0 {
		scheme = scheme[i+1:] // of an address in an address, such as git:perf@https://…
	}
	u, err := url.Parse(scheme + "://" + address[at:])
	if err != nil {
		return "", false
	}
	host, rest := address[at:], ""
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host, rest = host[:i], host[i:]
	}
	i := strings.LastIndexByte(host, '@')
	if i < 0 && strings.Contains(host, ":") && strings.Contains(u.Path, "@") {
		return "", false // the slash may be of a password
	}
	if i >= 0 {
		host = user(scheme, host[:i]) + host[i:]
	}
	if u.RawQuery != "" {
		rest = strings.Replace(rest, "?"+u.RawQuery, "?"+query(u.RawQuery), 1)
	}
	return address[:at] + host + rest, true
}

// user hides the password behind a user's name. Before a web address the name is
// often the token itself, also where a password such as x-oauth-basic follows.
func user(scheme, info string) string {
	name, _, both := strings.Cut(info, ":")
	switch {
	case scheme == "http" || scheme == "https":
		return hidden
	case both && name == "":
		return ":" + hidden
	case both:
		return name + ":" + hidden
	}
	return info
}

// query hides the parameters whose names say that they are secret.
func query(raw string) string {
	parts := strings.Split(raw, "&")
	for i, p := range parts {
		key, value, _ := strings.Cut(p, "=")
		if value != "" && secretKey(strings.ToLower(key)) {
			parts[i] = key + "=" + hidden
		}
	}
	return strings.Join(parts, "&")
}

func secretKey(key string) bool {
	return key == "sig" || key == "signature" || slices.ContainsFunc([]string{"password", "passwd", "secret", "token", "credential"},
		func(part string) bool { return strings.Contains(key, part) })
}
