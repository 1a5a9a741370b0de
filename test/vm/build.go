//go:build linux

package vm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"netperfmeter/test/lab"
)

// build builds what runs in the machine into dir and returns it by the names there. Nothing of it needs a library.
func build(dir string, tests []string) (map[string]string, error) {
	root, err := lab.Root()
	if err != nil {
		return nil, err
	}
	if err := lookAt(root); err != nil {
		return nil, err
	}
	programs := map[string]string{"ours": filepath.Join(dir, "netperfmeter"), "guest": filepath.Join(dir, "guest")}
	if err := goCommand(root, "build", "-ldflags=-w", "-o", dir+"/", "./cmd/netperfmeter", "./test/vm/guest"); err != nil {
		return nil, err
	}
	if len(tests) > 0 {
		if err := goCommand(root, append([]string{"test", "-c", "-ldflags=-w", "-o", dir + "/"}, tests...)...); err != nil {
			return nil, err
		}
	}
	for _, test := range tests {
		name := path.Base(test) + ".test"
		programs[name] = filepath.Join(dir, name)
	}
	if programs["reference"], err = exec.LookPath("netperfmeter"); err != nil {
		return nil, err
	}
	return programs, nil
}

// lookAt looks at the module's sources. "go test" takes the result of an earlier run if nothing has changed that the
// test process looks at, and what go build reads for it would not count.
func lookAt(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
		case entry.Name() == ".git":
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go"):
			_, err = os.Stat(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // gone in the meantime
			err = nil
		}
		return err
	})
}

func goCommand(root string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %v: %w\n%s", args, err, out)
	}
	return nil
}
