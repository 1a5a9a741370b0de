//go:build unix && !linux

package sys

import "os"

func unnamedFile(dir string) (*os.File, error) { return unlinkedFile(dir) }
