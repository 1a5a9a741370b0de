package sys

import (
	"fmt"
	"os"
)

// TempFile creates a file in dir ("": the system's directory for such) for
// reading and writing that vanishes when it is closed or the process ends,
// however it ends.
func TempFile(dir string) (*os.File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	f, err := unnamedFile(dir)
	if err != nil {
		return nil, fmt.Errorf("creating a temporary file in %s: %w", dir, err)
	}
	return f, nil
}
