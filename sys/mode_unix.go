//go:build unix

package sys

import "io/fs"

// OpenToOthers tells whether users who are neither the file's owner nor in its
// group can do anything with it.
func OpenToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o007 != 0 }
