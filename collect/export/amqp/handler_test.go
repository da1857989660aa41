package amqp_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	broker "github.com/rabbitmq/amqp091-go"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// TestHandlerAtRealRabbitMQ: what happens while there is no queue, and while a
// connection is broken, comes when there is one again.
func TestHandlerAtRealRabbitMQ(t *testing.T) {
	t.Parallel()
	server := servicetest.RabbitMQ(t)
	rec := collect.NewRecorder(collect.Options{Path: filepath.Join(t.TempDir(), "store")})
	rec.AddHandler("queue", sender(t, server+"?queue=events"), collect.HandlerOptions{Pause: 10 * time.Millisecond})
	const before, mostTwice = 40, 16
	for i := range before {
		rec.Events().Add(collect.Event{Type: fmt.Sprintf("early.%d", i)})
	}
	waitFor(t, "the broker to refuse them", func() bool {
		s := rec.Handlers()[0]
		return s.Failed > 0 && s.Taken == 0 && s.Waiting == before && strings.Contains(fmt.Sprint(s.Err), "is there a queue for it?")
	})

	conn, err := broker.Dial(server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err == nil {
		_, err = channel.QueueDeclare("events", true, false, false, false, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "what waited to be taken", func() bool { return rec.Handlers()[0].Waiting == 0 })
	id, err := rec.Flush("service", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := rec.Close(ctx); err != nil {
		t.Fatal(err)
	}

	// At least once: of a part that the new queue took half of, that half comes
	// again, as messages of their own.
	events, ids, m := map[string]bool{}, map[string]bool{}, get(t, channel)
	for ; m.Type == "plumbline.event"; m = get(t, channel) {
		if !strings.Contains(string(m.Body), `"event":"early.`) || m.MessageId == "" || ids[m.MessageId] {
			t.Errorf("a message is %q with the id %q", m.Body, m.MessageId)
		}
		events[string(m.Body)], ids[m.MessageId] = true, true
	}
	if len(events) != before || len(ids) > before+mostTwice {
		t.Errorf("%d events arrived in %d messages, want %d", len(events), len(ids), before)
	}
	if r, err := collect.Decode(m.Body); err != nil || r.ID != id || m.Type != "plumbline.run" || m.MessageId != id {
		t.Errorf("the last message is %+v, %v, want run %s", m, err, id)
	}
}

func get(t *testing.T, channel *broker.Channel) broker.Delivery {
	t.Helper()
	m, ok, err := channel.Get("events", true)
	if err != nil || !ok {
		t.Fatalf("there is no further message: %v", err)
	}
	return m
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// A batch that nobody takes is not taken, and says no secret.
func TestHandlerNobodyThere(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	to := sender(t, "amqp://user:s3cr@"+servicetest.FreeAddress(t)+"?queue=q")
	n, err := to.Handle(ctx, []collect.Message{{Event: &collect.Event{Type: "x"}}})
	if n != 0 || err == nil || strings.Contains(err.Error(), "s3cr") {
		t.Errorf("Handle = %d, %v", n, err)
	}
}
