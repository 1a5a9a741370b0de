//go:build linux

package vm

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"

	"netperfmeter/test/lab"
)

// build builds what runs in the machine into dir and returns it by the names there. Nothing of it needs a library.
func build(dir string, tests []string) (map[string]string, error) {
	root, err := lab.Root()
	if err != nil {
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

func goCommand(root string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %v: %w\n%s", args, err, out)
	}
	return nil
}
