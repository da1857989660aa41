package github_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// scene is a GitHub with one repository, and a runner that starts the steps of
// its jobs: the action as a container of the image, as GitHub does, or as the
// plain program under the same variables.
type scene struct {
	*githubtest.Fake
	t       *testing.T
	repo    *githubtest.Repo
	url     string // as a step reaches GitHub
	program string
	image   string   // empty: the program runs as a process
	network []string // of the container
	quick   quickStart
	hold    func(r *http.Request) // is called before GitHub answers
}

// runnerID owns the workspace, as the runner's user does on a hosted machine.
const runnerID = 1001

func newScene(t *testing.T, program, image string) *scene {
	t.Helper()
	s := &scene{Fake: githubtest.New(), t: t, program: program, image: image, quick: readQuickStart(t)}
	s.repo = s.AddRepo("o", "r")
	s.hold = func(*http.Request) {}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hold(r)
		s.ServeHTTP(w, r)
	}))
	host := "127.0.0.1"
	if image != "" {
		host, s.network = bridge(t)
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		server.Listener.Close()
		server.Listener = l
	}
	server.Start()
	s.url = server.URL
	t.Cleanup(func() {
		server.Close()
		for _, v := range s.Violations() {
			t.Errorf("against GitHub's contract: %s", v)
		}
	})
	return s
}

// bridge is the address of this machine as a container of the default network
// sees it. Where that network has none here, containers share the machine's own.
func bridge(t *testing.T) (host string, network []string) {
	t.Helper()
	host = strings.TrimSpace(docker(t, "network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Gateway}}"))
	if l, err := net.Listen("tcp", net.JoinHostPort(host, "0")); err == nil && host != "" {
		l.Close()
		return host, nil
	}
	return "127.0.0.1", []string{"--network", "host"}
}

// quickStart is what README's workflow says of the action.
type quickStart struct {
	with        map[string]string
	permissions map[string]string
}

func readQuickStart(t *testing.T) quickStart {
	t.Helper()
	page := read(t, "../../README.md")
	_, page, _ = strings.Cut(page, "## In GitHub Actions\n")
	_, text, _ := strings.Cut(page, "```yaml\n")
	text, _, ok := strings.Cut(text, "```")
	var flow struct {
		Permissions map[string]string
		Jobs        map[string]struct {
			Steps []struct {
				Uses string
				With map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &flow); err != nil || !ok {
		t.Fatalf("README's workflow: %v", err)
	}
	for _, j := range flow.Jobs {
		for _, step := range j.Steps {
			if strings.HasPrefix(step.Uses, "plumbline-ci/plumbline@") {
				return quickStart{with: step.With, permissions: flow.Permissions}
			}
		}
	}
	t.Fatal("README's workflow does not use plumbline")
	return quickStart{}
}

// inputs are what the runner gives the step: action.yml's defaults, and then
// what the workflow says.
func (q quickStart) inputs(t *testing.T, more map[string]string) map[string]string {
	all := map[string]string{}
	for name, in := range readAction(t).Inputs {
		if in.Default != nil && !strings.Contains(*in.Default, "${{") {
			all[name] = *in.Default
		}
	}
	all["matrix"] = "null"
	for _, m := range []map[string]string{q.with, more} {
		for name, v := range m {
			all[name] = v
		}
	}
	return all
}

// token is the GITHUB_TOKEN of a run under the workflow's permissions.
func (s *scene) token(run *githubtest.Run) *githubtest.Token {
	token := s.AddRunToken(run)
	may := map[string]string{}
	for name, level := range s.quick.permissions {
		may[strings.ReplaceAll(name, "-", "_")] = level
	}
	if run.Event == "pull_request" && run.Fork() {
		for name := range may {
			may[name] = "read"
		}
	}
	token.Permissions = may
	return token
}

// stage is one job: its place on the runner and what later steps share.
type stage struct {
	*scene
	run   *githubtest.Run
	place githubtest.Place
}

// job begins the job of a run on a fresh runner, whose checkout and earlier
// steps left the files in the workspace.
func (s *scene) job(run *githubtest.Run, files map[string]string) *stage {
	s.t.Helper()
	j := &stage{s, run, githubtest.Place{URL: s.url, Dir: s.t.TempDir(), Job: "test", Container: s.image != "", Token: s.token(run)}}
	for name, text := range files {
		writeFile(s.t, filepath.Join(j.place.Workspace(run), name), text)
	}
	return j
}

// acted is what a step left behind.
type acted struct {
	status            int
	log, out, summary string
	env, outputs      map[string]string
}

// act runs the action as a step of the job. Cancelled is closed when the runner
// cancels the job, and nil for one that goes on.
func (j *stage) act(inputs map[string]string, cancelled <-chan struct{}) acted {
	j.t.Helper()
	j.place.Inputs = j.quick.inputs(j.t, inputs)
	env, err := j.Env(j.run, j.place)
	if err != nil {
		j.t.Fatal(err)
	}
	j.own()
	cmd := j.command(env, "action")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		j.t.Fatal(err)
	}
	done := make(chan struct{})
	go cancel(cmd.Process, cancelled, done)
	err = cmd.Wait()
	close(done)
	if x := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &x) || j.image != "" && x.ExitCode() >= 125 && cancelled == nil) {
		j.t.Fatalf("start the step: %v\n%s", err, &log)
	}
	got := acted{status: cmd.ProcessState.ExitCode(), log: log.String(), env: env, outputs: map[string]string{}}
	got.out, got.summary = j.text(env["GITHUB_OUTPUT"]), j.text(env["GITHUB_STEP_SUMMARY"])
	for line := range strings.Lines(got.out) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		got.outputs[k] = v
	}
	for _, secret := range []string{j.place.Token.Secret, env["ACTIONS_RUNTIME_TOKEN"], "sig="} {
		if strings.Contains(got.log+got.out+got.summary, secret) {
			j.t.Errorf("a secret is told: %s", secret)
		}
	}
	return got
}

// cancel does to a step what the runner does when the job is cancelled: it
// interrupts, terminates after 7.5 s, and kills 2.5 s later.
func cancel(p *os.Process, cancelled <-chan struct{}, done <-chan struct{}) {
	select {
	case <-cancelled:
	case <-done:
		return
	}
	wait := []time.Duration{7500 * time.Millisecond, 2500 * time.Millisecond, time.Hour}
	for i, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, os.Kill} {
		_ = p.Signal(sig) // it may have ended by itself
		select {
		case <-done:
			return
		case <-time.After(wait[i]):
		}
	}
}

// command is a step's process: the container as the runner starts it, or the
// program with the same variables and no others.
func (j *stage) command(env map[string]string, args ...string) *exec.Cmd {
	if j.image == "" {
		cmd := exec.Command(j.program, args...)
		cmd.Dir, cmd.Env = j.place.Workspace(j.run), githubtest.Environ(env)
		return cmd
	}
	cmd := exec.Command("docker", "run", "--rm", "--workdir", "/github/workspace")
	cmd.Args = append(cmd.Args, j.network...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "DOCKER_HOST=" + os.Getenv("DOCKER_HOST"), "HOME=" + os.Getenv("HOME")}
	for _, v := range j.place.Mounts(j.run) {
		cmd.Args = append(cmd.Args, "-v", v)
	}
	for name, v := range env { // by name only, as the runner does: the value comes from the client's environment
		cmd.Args = append(cmd.Args, "-e", name)
		if name != "HOME" {
			cmd.Env = append(cmd.Env, name+"="+v)
			continue
		}
		cmd.Args[len(cmd.Args)-1] += "=" + v // docker itself reads it
	}
	cmd.Args = append(cmd.Args, j.image) // its entry point is the program and the word action
	return cmd
}

func (j *stage) text(name string) string {
	j.t.Helper()
	return read(j.t, j.place.HostPath(j.run, name))
}

// own gives the runner's folders to its user, where this is root.
func (j *stage) own() {
	if os.Geteuid() != 0 {
		return
	}
	err := filepath.WalkDir(j.place.Dir, func(name string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, runnerID, runnerID)
	})
	if err != nil {
		j.t.Fatal(err)
	}
}

// notOwned are the files of the workspace that the runner's user could not
// remove.
func (j *stage) notOwned() []string {
	var names []string
	for _, dir := range []string{j.place.Workspace(j.run), filepath.Join(j.place.Dir, "_temp", "_github_home")} {
		out, err := exec.Command("find", dir, "!", "-uid", fmt.Sprint(runnerID), "-o", "!", "-gid", fmt.Sprint(runnerID)).CombinedOutput()
		if err != nil {
			j.t.Fatalf("find: %v\n%s", err, out)
		}
		names = append(names, strings.Fields(string(out))...)
	}
	return names
}

// program is the plain binary.
func buildProgram(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "plumbline")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", name, "../..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return name
}
