package amqp

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	broker "github.com/rabbitmq/amqp091-go"

	"github.com/plumbline-ci/plumbline/collect"
)

// mostUnconfirmed is how many messages are under way at a time. The broker's
// returns of all of them must fit into the channel that takes these.
const mostUnconfirmed = 16

// Handle publishes runs and events while they come: a Sender is a
// collect.Handler.
//
//	rec.AddHandler("queue", to, collect.HandlerOptions{})
//
// A run is what Send makes of it; an event is the JSON of Message.AppendJSON, of
// the type plumbline.event. Messages that the broker did not confirm are not
// taken, and the recorder offers them again: after a broken connection one may
// come twice, a run with the same message id.
func (s *Sender) Handle(ctx context.Context, batch []collect.Message) (taken int, err error) {
	if err := s.open(ctx); err != nil {
		return 0, fmt.Errorf("connect to %s: %w", s.shown, err)
	}
	for len(batch) > 0 {
		part := batch[:min(len(batch), mostUnconfirmed)]
		n, err := s.publishAll(ctx, part)
		taken += n
		if err != nil {
			s.drop()
			return taken, fmt.Errorf("publish to %s: %w", s.shown, err)
		}
		batch = batch[len(part):]
	}
	return taken, nil
}

// publishAll publishes messages and returns how many of the first ones the broker
// has.
func (s *Sender) publishAll(ctx context.Context, part []collect.Message) (taken int, err error) {
	confirms := make([]*broker.DeferredConfirmation, len(part))
	ids := make([]string, len(part))
	for i, m := range part {
		p, err := s.publishing(m)
		if err != nil {
			return s.confirmed(ctx, confirms[:i], ids), err
		}
		ids[i] = p.MessageId
		if confirms[i], err = s.channel.PublishWithDeferredConfirmWithContext(ctx, s.options.Exchange, s.options.Key, true, false, p); err != nil {
			return s.confirmed(ctx, confirms[:i], ids), err
		}
	}
	taken = s.confirmed(ctx, confirms, ids)
	if taken < len(part) {
		err = errors.Join(errors.New("the broker did not keep a message: is there a queue for it?"), ctx.Err())
	}
	return taken, err
}

// confirmed waits for confirmations, in order, and counts the first ones that
// came. A message that is returned is so before it is confirmed.
func (s *Sender) confirmed(ctx context.Context, confirms []*broker.DeferredConfirmation, ids []string) (taken int) {
	returned := map[string]bool{}
	for i, c := range confirms {
		acked, err := c.WaitContext(ctx)
		for more := true; more; {
			select {
			case back, ok := <-s.back:
				returned[back.MessageId] = true
				more = ok
			default:
				more = false
			}
		}
		if err != nil || !acked || returned[ids[i]] {
			return taken
		}
		taken++
	}
	return taken
}

// publishing is a message as the broker gets it.
func (s *Sender) publishing(m collect.Message) (broker.Publishing, error) {
	p := broker.Publishing{ContentType: "application/json", DeliveryMode: broker.Persistent, AppId: "plumbline"}
	var err error
	if p.Body, err = m.AppendJSON(nil); err != nil {
		return p, err
	}
	if m.Run != nil {
		p.MessageId, p.Timestamp, p.Type = m.Run.ID, m.Run.Time, "plumbline.run"
		return p, nil
	}
	s.events++
	p.MessageId = strconv.Itoa(m.Event.PID) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36) + "-" + strconv.FormatUint(s.events, 36)
	p.Timestamp, p.Type = m.Event.Time, "plumbline.event"
	return p, nil
}
