// Package pushgateway sends what a recorder holds, or a stored run, to a
// Prometheus Pushgateway, with Prometheus' own library. It imports collect and
// collect/export.
//
//	to, err := pushgateway.New(pushgateway.Options{URL: "http://localhost:9091"})
//	export.Every(ctx, 15*time.Second, rec, to, func(err error) { slog.Warn("push", "err", err) })
//
// A push replaces all of its group, so that a metric that is gone is gone there
// too. Groups are what keeps places apart: by default those of the repository,
// branch, suite and so on that a run is from.
package pushgateway
