//go:build !unix

package servicetest

import "os/exec"

func own(*exec.Cmd) {}

func end(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func asServer(*exec.Cmd) {}

func ownedByServer(string) error { return nil }
