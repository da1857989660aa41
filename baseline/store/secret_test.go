package store

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, want string }{
		{"", ""},
		{".plumbline", ".plumbline"},
		{"dir:a/b@c:d", "dir:a/b@c:d"},
		{`C:\runs`, `C:\runs`},
		{"postgres://h/db", "postgres://h/db"},
		{"postgres://me@h/db", "postgres://me@h/db"},
		{"postgres://me:hush@h:5432/db?sslmode=disable", "postgres://me:xxxxx@h:5432/db?sslmode=disable"},
		{"postgres://me:hu@sh@h/db", "postgres://me:xxxxx@h/db"},
		{"postgres://:hush@h/db", "postgres://:xxxxx@h/db"},
		{"postgres://h/db?user=me&password=hush&SSLpassword=hush", "postgres://h/db?user=me&password=xxxxx&SSLpassword=xxxxx"},
		{"azblob://box/at?sv=1&sig=hush#end", "azblob://box/at?sv=1&sig=xxxxx#end"},
		{"s3://bucket/p?aws_session_token=hush&region=eu", "s3://bucket/p?aws_session_token=xxxxx&region=eu"},
		{"git:perf@https://hush@github.com/o/r", "git:perf@https://xxxxx@github.com/o/r"},
		{"git:perf@https://hush:x-oauth-basic@github.com/o/r", "git:perf@https://xxxxx@github.com/o/r"},
		{"git:perf@git@github.com:o/r", "git:perf@git@github.com:o/r"},
		{"dir:x://me:hush@h", "dir:x://me:xxxxx@h"},
		{"posgres://me:hush@h/db", "posgres://me:xxxxx@h/db"},
		{"postgres://me:hu%zzsh@h/db", "postgres:…"},
		{"postgres://me:hush@h:port/db", "postgres:…"},
		{"postgres://me:hu/sh@h/db", "postgres:…"},
		{"postgres://me:12/hush@h/db", "postgres:…"},
		{"s3://bucket/runs@main", "s3://bucket/runs@main"},
	} {
		got := Name(tt.address)
		if got != tt.want || strings.Contains(got, "hush") {
			t.Errorf("Name(%q) = %q, want %q", tt.address, got, tt.want)
		}
		if Secret(tt.address) != (got != tt.address) {
			t.Errorf("Secret(%q) = %v", tt.address, Secret(tt.address))
		}
	}
}
