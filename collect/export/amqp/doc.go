// Package amqp sends what a recorder holds, or a stored run, to a queue of
// RabbitMQ or another AMQP 0-9-1 broker: one message a run, its record as JSON.
// It imports collect and collect/export.
//
//	to, err := amqp.New(amqp.Options{URL: "amqp://localhost", Queue: "runs"})
//
// A Sender is a collect.Handler too: added to a recorder, it publishes runs and
// events while they come, and again what was under way when a connection broke.
//
// A message is sent when the broker has confirmed that it keeps it; one that no
// queue takes is an error.
package amqp
