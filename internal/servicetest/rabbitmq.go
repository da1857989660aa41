package servicetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// RabbitMQ starts a RabbitMQ and returns its address, with user and password.
func RabbitMQ(t testing.TB) string {
	t.Helper()
	// Not the program of /usr/sbin, which only lets root and its own user start it.
	const program = "/usr/lib/rabbitmq/bin/rabbitmq-server"
	if _, err := os.Stat(program); err != nil {
		t.Skip("needs a real RabbitMQ: rabbitmq-server is not installed")
	}
	for range attempts {
		listen, dist, names := FreeAddress(t), FreeAddress(t), FreeAddress(t)
		cmd := exec.Command(program)
		cmd.Env = rabbitEnv(t, port(listen), port(dist), port(names))
		p := start(t, cmd)
		// The daemon that knows the names of nodes is no child of the server.
		t.Cleanup(func() {
			kill := exec.Command("epmd", "-port", port(names), "-kill")
			kill.Env = append(os.Environ(), "ERL_EPMD_RELAXED_COMMAND_CHECK=true")
			_ = kill.Run()
		})
		if p.until(func() error { return speaksAMQP(listen) }) {
			return "amqp://guest:guest@" + listen
		}
	}
	t.Fatal("RabbitMQ does not begin")
	return ""
}

func port(address string) string {
	_, p, _ := net.SplitHostPort(address)
	return p
}

// rabbitEnv keeps all of a server in a folder of the test: nothing of one that is
// installed for good is read or written.
func rabbitEnv(t testing.TB, listen, dist, names string) []string {
	t.Helper()
	dir, err := os.MkdirTemp("", "rabbit") // a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for file, text := range map[string]string{
		"enabled_plugins": "[].\n",
		"rabbit.conf":     "loopback_users.guest = true\nlog.console = true\nlog.console.level = warning\ndisk_free_limit.absolute = 1MB\n",
		"env.conf":        "",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH") + ":/usr/sbin:/usr/bin:/bin", "LANG=C.UTF-8",
		"ERL_EPMD_PORT=" + names, "ERL_EPMD_ADDRESS=127.0.0.1", "ERL_EPMD_RELAXED_COMMAND_CHECK=true",
		"RABBITMQ_NODENAME=x@localhost", "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
		"RABBITMQ_NODE_PORT=" + listen, "RABBITMQ_DIST_PORT=" + dist,
		"RABBITMQ_CONF_ENV_FILE=" + filepath.Join(dir, "env.conf"), "RABBITMQ_CONFIG_FILE=" + filepath.Join(dir, "rabbit"),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
	}
	for _, name := range strings.Fields("MNESIA_BASE=mnesia LOG_BASE=log ENABLED_PLUGINS_FILE=enabled_plugins FEATURE_FLAGS_FILE=flags PID_FILE=pid GENERATED_CONFIG_DIR=config SCHEMA_DIR=schema") {
		key, file, _ := strings.Cut(name, "=")
		env = append(env, "RABBITMQ_"+key+"="+filepath.Join(dir, file))
	}
	return env
}

// speaksAMQP reports whether a server greets as AMQP 0-9-1 asks for.
func speaksAMQP(address string) error {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	if _, err := c.Write([]byte("AMQP\x00\x00\x09\x01")); err != nil {
		return err
	}
	var frame [1]byte
	if _, err := c.Read(frame[:]); err != nil || frame[0] != 1 {
		return fmt.Errorf("the server greets with %v, %w", frame, err)
	}
	return nil
}
