package amqp_test

import (
	"context"
	"strings"
	"testing"
	"time"

	broker "github.com/rabbitmq/amqp091-go"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/amqp"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

func stored(id string) export.Set {
	return export.OfRun(collect.Run{
		Origin:  collect.Origin{ID: id, Branch: "main", Time: time.Unix(1772600767, 0).UTC()},
		Metrics: []collect.Metric{{Name: "build.seconds", Unit: "s", Value: 12.3}},
	})
}

func sender(t *testing.T, url string) *amqp.Sender {
	t.Helper()
	to, err := amqp.New(amqp.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.Close() })
	return to
}

func TestRealRabbitMQ(t *testing.T) {
	t.Parallel()
	server := servicetest.RabbitMQ(t)
	ctx := t.Context()

	// There is no queue yet: the broker gives the message back.
	to := sender(t, server+"?queue=runs")
	if err := to.Send(ctx, stored("r0")); err == nil || !strings.Contains(err.Error(), `no queue "runs"`) || strings.Contains(err.Error(), "guest") {
		t.Errorf("without a queue Send returns %v", err)
	}
	// What is declared stays, and the same sender goes on.
	if err := sender(t, server+"?queue=runs&declare=true").Send(ctx, stored("r1")); err != nil {
		t.Fatal(err)
	}
	if err := to.Send(ctx, stored("r2")); err != nil {
		t.Fatal(err)
	}
	rec := collect.NewRecorder(collect.Options{Origin: collect.Origin{Type: "service"}})
	rec.Counter("jobs.done", nil).Add(3)
	live, err := export.OfRecorder(rec)
	if err == nil {
		err = to.Send(ctx, live)
	}
	if err != nil {
		t.Fatal(err)
	}

	conn, err := broker.Dial(server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"r1", "r2", live.Run.ID} {
		m, ok, err := channel.Get("runs", true)
		if err != nil || !ok {
			t.Fatalf("there is no message %s: %v", want, err)
		}
		r, err := collect.Decode(m.Body)
		if err != nil || r.ID != want || m.MessageId != want || m.ContentType != "application/json" || m.DeliveryMode != broker.Persistent {
			t.Errorf("message %s is %+v, %v", want, m, err)
		}
		if want == live.Run.ID {
			if m, ok := r.Metric("jobs.done"); !ok || m.Value != 3 || r.Type != "service" {
				t.Errorf("the recorder's run is %+v", r)
			}
		}
	}

	// An exchange that does not exist, and a password that is wrong.
	if err := sender(t, server+"?exchange=nowhere&key=k").Send(ctx, stored("r3")); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("to no exchange Send returns %v", err)
	}
	if err := sender(t, server+"?exchange=amq.direct&key=k").Send(ctx, stored("r3")); err == nil || !strings.Contains(err.Error(), `routes key "k" to no queue`) {
		t.Errorf("to no binding Send returns %v", err)
	}
	wrong := strings.Replace(server, "guest:guest@", "guest:s3cr%2Ft@", 1)
	if err := sender(t, wrong+"?queue=runs").Send(ctx, stored("r3")); err == nil || strings.Contains(err.Error(), "s3cr") || !strings.Contains(err.Error(), "403") {
		t.Errorf("with a wrong password Send returns %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := sender(t, "amqp://user:s3cr@"+servicetest.FreeAddress(t)+"?queue=q").Send(ctx, stored("r"))
	if err == nil || strings.Contains(err.Error(), "s3cr") || !strings.Contains(err.Error(), "connect to amqp://127.0.0.1") {
		t.Errorf("Send returns %v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ url, want string }{
		{"amqp://h?queue=q", ""}, {"amqps://u:p@h:5671/vhost?exchange=e&key=k&heartbeat=5", ""}, {"amqp://h?key=k", ""}, {"amqp://h?queue=q&declare=false", ""},
		{"amqp://h", "say where messages go"}, {"amqp://h?queue=q&key=k", "?queue=NAME alone"}, {"amqp://h?exchange=e&declare=true", "declare makes a queue"},
		{"amqp://h?queue=q&declare=yes", `declare="yes": want true or false`}, {"http://h?queue=q", "want the address of a broker"}, {"amqp://u:s3cr/x@h", "cannot be read"},
		{"amqp://u:s3cr@h?queue=q&heartbeat=often", "a port or an option"},
	} {
		_, err := amqp.New(amqp.Options{URL: row.url})
		switch {
		case row.want == "" && err != nil:
			t.Errorf("%s: %v", row.url, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "s3cr")):
			t.Errorf("%s: %v, want %q", row.url, err, row.want)
		}
	}
}
