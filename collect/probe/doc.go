// Package probe measures the machine: a command with its whole process tree,
// and the runner that it works on. It may import collect and nothing else of
// this module.
//
// [Run] starts a command as if nobody stood in between: standard input, output,
// error, terminal, signals and exit status are its own, and its output is on the
// user's screen before anybody else gets the copy. What it measured comes from
// three places, the exact one first:
//
//   - the kernel's accounting of every process that ended, which each parent
//     gets when it waits (on Linux this process is a subreaper, so it is also
//     the one to wait for children that outlive their parent), and a control
//     group's where one can be made;
//   - /proc for descendants that still run when the command has ended;
//   - samples, for what only exists between two moments: memory and peak load.
//
// What could not be measured is absent, and never zero. Peak memory never comes
// from a control group's memory.peak: that counts the page cache, which depends
// on what the machine did before.
//
//	r, err := probe.Run(ctx, probe.Command{Args: []string{"go", "test", "./..."}})
//	if err != nil {
//		return err // it was not started; see StartError
//	}
//	run.Metrics = append(run.Metrics, r.Metrics("test")...)
//
// A program that measures itself while it runs does so with a [Sampler].
//
// A system's own part is in the files that bear its name: meter_linux.go and
// meter_other.go measure, signals_*.go and terminal_*.go pass through.
package probe
