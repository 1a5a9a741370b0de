//go:build !unix

package sys

import "io/fs"

// OpenToOthers is always false: a file's mode does not tell here.
func OpenToOthers(fs.FileInfo) bool { return false }
