package blob

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// place is the address of a store, read.
type place struct {
	scheme string
	bucket string
	prefix string // of all keys; empty, or with a slash at its end
	query  url.Values
	getenv func(string) string
}

// kind is what differs between the kinds of object storage, for people.
type kind struct {
	container   string // what a bucket is called
	form        string // of an address
	options     []string
	credentials string            // where they come from
	permissions map[string]string // by verb
}

func (p place) kind() kind {
	switch p.scheme {
	case "s3":
		return kind{
			"bucket", "s3://BUCKET/PREFIX", []string{"region", "endpoint", "insecure", "path-style", "conditional"},
			"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (AWS_PROFILE), a web identity (AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE) or the machine's role",
			map[string]string{"read": "s3:GetObject", "write": "s3:PutObject", "delete": "s3:DeleteObject", "list": "s3:ListBucket"},
		}
	case "gs":
		return kind{
			"bucket", "gs://BUCKET/PREFIX", []string{"endpoint", "insecure"},
			"GOOGLE_APPLICATION_CREDENTIALS, gcloud auth application-default login, or the machine's service account",
			map[string]string{"read": "storage.objects.get", "write": "storage.objects.create", "delete": "storage.objects.delete", "list": "storage.objects.list"},
		}
	}
	return kind{
		"container", "azblob://CONTAINER/PREFIX?account=NAME", []string{"account", "endpoint", "insecure"},
		"AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN, or AZURE_TENANT_ID and AZURE_CLIENT_ID with a secret or a federated token",
		map[string]string{"read": "blobs/read", "write": "blobs/add/action or blobs/write", "delete": "blobs/delete", "list": "blobs/read (of a SAS token: list)"},
	}
}

// parsePlace reads an address such as s3://bucket/prefix?region=eu-west-1.
func parsePlace(address string, getenv func(string) string) (place, error) {
	scheme, _, _ := strings.Cut(address, ":")
	p := place{scheme: scheme, getenv: getenv}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return p, fmt.Errorf("open store %s://…: the address cannot be read; want %s", scheme, p.kind().form)
	case u.User != nil:
		return p, fmt.Errorf("open store %s://%s: an address has no credentials in it; want them from %s", scheme, u.Host, p.kind().credentials)
	case u.Host == "" || u.Opaque != "":
		return p, fmt.Errorf("open store %q: it names no %s; want %s", scheme+":…", p.kind().container, p.kind().form)
	}
	p.bucket, p.prefix, p.query = u.Host, strings.Trim(u.Path, "/"), u.Query()
	if p.prefix != "" {
		p.prefix += "/"
	}
	for key, values := range p.query {
		if !slices.Contains(p.kind().options, key) {
			// The value may be a secret that was put here by mistake.
			return p, fmt.Errorf("open store %q: unknown option %q; want %s", p.bare(), plain(key), strings.Join(p.kind().options, ", "))
		}
		if len(values) > 1 {
			return p, fmt.Errorf("open store %q: option %q is there %d times; want it once", p.bare(), key, len(values))
		}
	}
	return p, p.check()
}

// check holds the options against what they can be.
func (p place) check() error {
	for _, key := range []string{"insecure", "path-style", "conditional"} {
		if v := p.query.Get(key); !slices.Contains([]string{"", "on", "off"}, v) {
			return fmt.Errorf("open store %q: option %s=%q; want on or off", p.bare(), key, plain(v))
		}
	}
	if p.endpoint() == "" {
		return nil
	}
	u, err := url.Parse(p.endpoint())
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("open store %q: the endpoint is no address of a server; want https://HOST[:PORT]", p.bare())
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) && !p.on("insecure") {
		return fmt.Errorf("open store %q: the endpoint %s is not encrypted; want https, or %s?insecure=on where the network is trusted", p.bare(), u.Host, p.bare())
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func (p place) on(option string) bool { return p.query.Get(option) == "on" }

// endpoint is the server that the address or the environment names, as the tools
// of each cloud do; empty: the cloud's own.
func (p place) endpoint() string {
	switch endpoint := p.query.Get("endpoint"); {
	case endpoint != "":
		return strings.TrimRight(endpoint, "/")
	case p.scheme == "s3":
		return strings.TrimRight(cmp.Or(p.getenv("AWS_ENDPOINT_URL_S3"), p.getenv("AWS_ENDPOINT_URL")), "/")
	case p.scheme == "gs":
		host := strings.TrimRight(p.getenv("STORAGE_EMULATOR_HOST"), "/")
		if host != "" && !strings.Contains(host, "://") {
			host = "http://" + host
		}
		return host
	}
	return ""
}

// region is that of an S3 bucket; empty: nobody said.
func (p place) region() string {
	return cmp.Or(p.query.Get("region"), p.getenv("AWS_REGION"), p.getenv("AWS_DEFAULT_REGION"))
}

// bare is the address without options.
func (p place) bare() string {
	return p.scheme + "://" + p.bucket + "/" + strings.TrimSuffix(p.prefix, "/")
}

// name is the address for people.
func (p place) name() string { return strings.TrimSuffix(p.bare(), "/") }
