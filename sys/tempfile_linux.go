package sys

import (
	"os"

	"golang.org/x/sys/unix"
)

// unnamedFile prefers a file that never has a name. File systems without
// O_TMPFILE (NFS, older overlayfs) answer EOPNOTSUPP, kernels without it see an
// attempt to write to a directory.
func unnamedFile(dir string) (*os.File, error) {
	const flags = unix.O_TMPFILE | os.O_RDWR | os.O_EXCL
	if f, err := os.OpenFile(dir, flags, 0o600); err == nil {
		return f, nil
	}
	return unlinkedFile(dir)
}
