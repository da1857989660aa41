package postgres

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// authority signs certificates of servers.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its certificate
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	a := authority{file: filepath.Join(t.TempDir(), "ca.pem")}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	text, _ := a.sign(t, template, time.Now().Add(time.Hour))
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// sign makes a key and its certificate. The first is that of the authority itself.
func (a *authority) sign(t *testing.T, template *x509.Certificate, until time.Time) (cert, key []byte) {
	t.Helper()
	template.NotBefore, template.NotAfter = time.Now().Add(-24*time.Hour), until
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert == nil {
		a.cert, a.key = template, private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &private.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

func (a *authority) server(t *testing.T, host string, until time.Time) (cert, key []byte) {
	t.Helper()
	return a.sign(t, &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{host}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, until)
}

// encrypted asks a server, under a name that is said to be its own, whether the
// connection is encrypted.
func encrypted(t *testing.T, p *servicetest.Postgres, host string, query url.Values) (is bool, err error) {
	t.Helper()
	u := url.URL{Scheme: "postgres", User: url.UserPassword("ci", "hush"), Host: host + ":" + p.Port, Path: "/postgres", RawQuery: query.Encode()}
	d, err := newDatabase(u.String())
	if err != nil {
		return false, err
	}
	defer d.Close()
	d.patience = 0
	d.config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
	err = d.Query(t.Context(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", nil, func(scan func(...any) error) error { return scan(&is) })
	return is, err
}

// A server that is not on this machine must encrypt and prove its name, if nothing
// else is said; what is wrong is told with what to do.
func TestTLS(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t)
	p.SQL(t, "postgres", "CREATE ROLE ci LOGIN PASSWORD 'hush'; CREATE SCHEMA ci AUTHORIZATION ci")
	storetest.Fill(t, open(t, p.Address("ci", "hush", "postgres")), storetest.Run("a", 0))
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	trusting := url.Values{"sslrootcert": {ours.file}}
	_, err := encrypted(t, p, "db.example", trusting)
	wantError(t, err, "read store", "refused TLS", "the server does not encrypt: let it, or say sslmode=disable")
	if is, err := encrypted(t, p, "db.example", url.Values{"sslmode": {"disable"}}); is || err != nil {
		t.Errorf("sslmode=disable: encrypted %v, %v; want neither", is, err)
	}

	p.Encrypt(ours.server(t, "db.example", time.Now().Add(-time.Hour)))
	_, err = encrypted(t, p, "db.example", trusting)
	wantError(t, err, "certificate has expired", "the server's certificate does not hold: renew it")

	p.Encrypt(ours.server(t, "db.example", time.Now().Add(time.Hour)))
	if is, err := encrypted(t, p, "db.example", trusting); !is || err != nil {
		t.Errorf("the right name: encrypted %v, %v; want that it is", is, err)
	}
	_, err = encrypted(t, p, "other.example", trusting)
	wantError(t, err, "certificate is valid for db.example, not other.example", "must have a name that the server's certificate has")
	for _, of := range []url.Values{{}, {"sslrootcert": {theirs.file}}} {
		_, err = encrypted(t, p, "db.example", of)
		wantError(t, err, "unknown authority", "name the authority's certificate with sslrootcert=FILE")
	}
	_, err = encrypted(t, p, "db.example", url.Values{"sslrootcert": {filepath.Join(t.TempDir(), "none.pem")}})
	wantError(t, err, "open store", "none.pem")
	if is, err := encrypted(t, p, "127.0.0.1", nil); !is || err != nil {
		t.Errorf("on this machine: encrypted %v, %v; want that it is where it can be", is, err)
	}
	p.Refuse("hostnossl")
	_, err = encrypted(t, p, "db.example", url.Values{"sslmode": {"disable"}})
	wantError(t, err, "no encryption", "the server wants TLS: leave sslmode=disable out of the address")
}
