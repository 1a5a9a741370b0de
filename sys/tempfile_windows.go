package sys

import (
	"os"

	"golang.org/x/sys/windows"
)

// unnamedFile creates a file that Windows deletes when its last handle goes;
// an open file cannot be removed there.
func unnamedFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "netperfmeter-")
	if err != nil {
		return nil, err
	}
	name := f.Name()
	if err := f.Close(); err != nil {
		return nil, err
	}
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(path, windows.GENERIC_READ|windows.GENERIC_WRITE|windows.DELETE, 0, nil,
		windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_TEMPORARY|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	if err != nil {
		_ = os.Remove(name)
		return nil, err
	}
	return os.NewFile(uintptr(h), name), nil
}
