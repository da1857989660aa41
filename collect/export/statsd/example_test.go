package statsd_test

import (
	"context"
	"fmt"
	"net"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/statsd"
)

func Example() {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer server.Close()
	rec := collect.NewRecorder(collect.Options{})
	rec.Counter("jobs.done", collect.Tags{"queue": "mail"}).Add(3)

	to, err := statsd.New(statsd.Options{URL: "dogstatsd://" + server.LocalAddr().String()})
	if err != nil {
		panic(err)
	}
	defer to.Close()
	set, err := export.OfRecorder(rec)
	if err == nil {
		err = to.Send(context.Background(), set)
	}
	if err != nil {
		panic(err)
	}
	datagram := make([]byte, 2000)
	n, _, err := server.ReadFrom(datagram)
	fmt.Println(string(datagram[:n]), err)
	// Output: jobs.done:3|c|#queue:mail <nil>
}
