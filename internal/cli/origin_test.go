package cli

import "testing"

func TestRepositoryOf(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://github.com/acme/shop":                    "acme/shop",
		"https://github.com/acme/shop.git":                "acme/shop",
		"https://token@github.com/acme/shop/":             "acme/shop",
		"git@github.com:acme/shop.git":                    "acme/shop",
		"ssh://git@github.com:22/acme/shop.git":           "acme/shop",
		"git@gitlab.com:acme/web/shop.git":                "acme/web/shop",
		"https://gitlab.com/acme/web/shop.git":            "acme/web/shop",
		"https://gitlab.com/acme/app/shop.git":            "acme/app/shop",
		"https://bitbucket.example.org/scm/acme/shop.git": "acme/shop",
		"ssh://git@bitbucket.example.org:7999/acme/shop":  "acme/shop",
		"https://dev.azure.com/acme/web/_git/shop":        "acme/web/shop",
		"git@ssh.dev.azure.com:v3/acme/web/shop":          "acme/web/shop",
		"https://acme.visualstudio.com/web/_git/shop":     "web/shop",
		"git@example.org:/srv/git/shop.git":               "srv/git/shop",
		"https://example.org/v3/shop":                     "v3/shop",
		"https://example.org/shop":                        "",
		"file:///srv/git/shop.git":                        "git/shop",
		"/srv/git/shop.git":                               "",
		"../shop":                                         "",
		"":                                                "",
	} {
		if got := repositoryOf(url); got != want {
			t.Errorf("%q is %q, want %q", url, got, want)
		}
	}
}
