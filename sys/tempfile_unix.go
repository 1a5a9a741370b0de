//go:build unix

package sys

import "os"

// unlinkedFile creates a file and takes its name away.
func unlinkedFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "netperfmeter-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
