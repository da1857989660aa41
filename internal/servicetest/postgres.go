package servicetest

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Postgres is a PostgreSQL server with a folder of its own. It listens on a Unix
// socket and on a port of this machine. Any user of the machine may connect as its
// owner, postgres, without a password; other roles need theirs.
type Postgres struct {
	Port   string
	Socket string // the folder of the socket
	Data   string // the folder of the server's data

	t        testing.TB
	programs string // the folder of the programs
	process  *process
	settings []string
}

// rules say who may connect.
const rules = "local all postgres trust\nhost all postgres 127.0.0.1/32 trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\nlocal replication postgres trust\n"

// StartPostgres starts a PostgreSQL server. The settings are such as
// max_connections=20; writes are not forced to the disk, for speed.
func StartPostgres(t testing.TB, settings ...string) *Postgres {
	t.Helper()
	p := &Postgres{t: t, programs: postgresPrograms(t), settings: settings}
	p.folders()
	p.run(nil, "initdb", "-D", p.Data, "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--no-sync")
	p.write("pg_hba.conf", rules)
	p.Start()
	return p
}

// postgresPrograms is the last of the folders where Debian has them, or that of the
// PATH.
func postgresPrograms(t testing.TB) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if program, err := exec.LookPath("initdb"); err == nil && len(found) == 0 {
		found = append(found, program)
	}
	if len(found) == 0 {
		t.Skip("needs a real PostgreSQL: postgresql is not installed")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1])
}

// folders makes those of the server. The path of a socket may not be long.
func (p *Postgres) folders() {
	p.t.Helper()
	dir, err := os.MkdirTemp("", "pg")
	if err == nil {
		p.t.Cleanup(func() { os.RemoveAll(dir) })
		p.Socket, p.Data = dir, filepath.Join(dir, "data")
		err = ownedByServer(dir)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *Postgres) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.Data, name)
	err := os.WriteFile(path, []byte(text), 0o600)
	if err == nil {
		err = ownedByServer(path)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// run runs a program of PostgreSQL's to its end.
func (p *Postgres) run(env []string, program string, args ...string) {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(p.programs, program), args...)
	cmd.Dir, cmd.Env = p.Socket, append(os.Environ(), env...)
	asServer(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// Start starts a server that is not running, on its port, and waits until it
// takes connections.
func (p *Postgres) Start() {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for range 100 {
		if p.Port == "" || p.process == nil {
			p.Port = port(FreeAddress(p.t))
		}
		if p.begin() {
			return
		}
		if time.Now().After(deadline) {
			break
		}
		time.Sleep(100 * time.Millisecond) // what is left of a server that was killed ends, or another port is free
	}
	p.t.Fatal("PostgreSQL does not begin")
}

func (p *Postgres) begin() bool {
	args := []string{"-D", p.Data, "-k", p.Socket, "-p", p.Port, "-h", "127.0.0.1"}
	for _, s := range append([]string{"fsync=off", "full_page_writes=off", "shared_buffers=64MB", "unix_socket_permissions=0777"}, p.settings...) {
		args = append(args, "-c", s)
	}
	cmd := exec.Command(filepath.Join(p.programs, "postgres"), args...)
	cmd.Dir = p.Socket
	asServer(cmd)
	server := start(p.t, cmd)
	p.t.Cleanup(func() { stopServer(server) }) // runs before that of start
	ready := server.until(func() error {
		if !bytes.Contains([]byte(server.out.String()), []byte("ready to accept")) {
			return errors.New("it does not say that it is ready")
		}
		return nil
	})
	if ready {
		p.process = server
	}
	return ready
}

// stopServer ends a server in good order, which removes what it has in the system.
func stopServer(p *process) {
	select {
	case <-p.done:
		return
	default:
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
	}
}

// Kill ends the server as the loss of its machine would: at once, in whatever it is.
func (p *Postgres) Kill() {
	_ = p.process.cmd.Process.Kill()
	<-p.process.done
}

// Address is that of a database, for a role; the password may be empty.
func (p *Postgres) Address(role, password, database string, query ...string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Host: "127.0.0.1:" + p.Port, Path: "/" + database, RawQuery: strings.Join(query, "&")}
	if password != "" {
		u.User = url.UserPassword(role, password)
	}
	return u.String()
}

// SQL runs statements as the owner and returns what they print.
func (p *Postgres) SQL(t testing.TB, database, text string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(p.programs, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", p.Socket, "-p", p.Port, "-U", "postgres", "-d", database)
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Encrypt gives a server that is running a certificate and its key, both as PEM, and
// lets who connects from then on encrypt.
func (p *Postgres) Encrypt(certificate, key []byte) {
	p.t.Helper()
	p.write("server.crt", string(certificate))
	p.write("server.key", string(key))
	p.SQL(p.t, "postgres", "ALTER SYSTEM SET ssl = on")
	p.reload()
}

// Refuse lets nobody connect in one way, such as hostnossl.
func (p *Postgres) Refuse(way string) {
	p.t.Helper()
	p.write("pg_hba.conf", way+" all all 127.0.0.1/32 reject\n"+rules)
	p.reload()
}

// reload lets the server read its files again, and waits until it did.
func (p *Postgres) reload() {
	p.t.Helper()
	before := p.SQL(p.t, "postgres", "SELECT pg_conf_load_time()")
	p.SQL(p.t, "postgres", "SELECT pg_reload_conf()")
	for deadline := time.Now().Add(patience); p.SQL(p.t, "postgres", "SELECT pg_conf_load_time()") == before; {
		if time.Now().After(deadline) {
			p.t.Fatal("PostgreSQL does not read its settings again")
		}
	}
}

// Replica starts a second server that has what the first has and can only be read.
func (p *Postgres) Replica() *Postgres {
	p.t.Helper()
	r := &Postgres{t: p.t, programs: p.programs, settings: append(slices.Clone(p.settings), "hot_standby=on")}
	r.folders()
	r.run(nil, "pg_basebackup", "-h", p.Socket, "-p", p.Port, "-U", "postgres", "-D", r.Data, "-X", "stream", "--no-sync", "-c", "fast")
	r.write("standby.signal", "")
	r.write("postgresql.auto.conf", fmt.Sprintf("primary_conninfo = 'host=%s port=%s user=postgres'\n", p.Socket, p.Port))
	r.Start()
	return r
}
