package collect

import "syscall"

func mountTmpfs(dir, options string) error {
	if options == "ro" {
		return syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_RDONLY, "")
	}
	return syscall.Mount("tmpfs", dir, "tmpfs", 0, options)
}

func unmount(dir string) error { return syscall.Unmount(dir, 0) }
