//go:build linux

package vm

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	_ "embed"
)

//go:embed guest/init.sh
var initScript []byte

//go:embed guest/lab.sh
var labScript []byte

// applets of busybox that scripts call by their names.
const applets = `[ awk base64 basename cat chmod cmp cp cut date dd df dirname dmesg du echo env expr false find free grep
	gunzip gzip head hostname id insmod kill killall ln ls lsmod mkdir mktemp mount mv nc nohup nproc od pidof ping
	poweroff printf ps readlink rm rmmod sed seq setsid sleep sort stat sync sysctl tail tar taskset tee test touch tr true
	tty umount uname uniq unshare usleep wc which xargs yes`

// image is the initramfs: programs by their names in /bin, the kernel's modules, this machine's tools and the
// libraries of all.
func image(kernel string, programs map[string]string) (archive, error) {
	a := archive{}
	for _, dir := range []string{"cases", "dev", "etc", "proc", "run", "sys", "tmp", "var/run"} {
		a.add(dir, entry{mode: modeFolder})
	}
	a.add("init", entry{mode: modeFile, content: initScript})
	a.add("lab.sh", entry{mode: modeFile, content: labScript})
	a.add("etc/passwd", entry{mode: modeFile, content: []byte("root:x:0:0:root:/:/bin/sh\n")}) // tcpdump gives up without
	a.add("etc/group", entry{mode: modeFile, content: []byte("root:x:0:\n")})
	a.add("etc/hosts", entry{mode: modeFile, content: []byte("127.0.0.1 localhost\n::1 localhost\n")})
	for _, applet := range strings.Fields(applets) {
		a.add("bin/"+applet, entry{mode: modeLink, link: "busybox"})
	}
	a.add("bin/sh", entry{mode: modeLink, link: "dash"})
	a.add("modules/order", entry{mode: modeFile, content: []byte(strings.Join(modules, "\n") + "\n")})
	for _, module := range modules {
		a.add("modules/"+module+".ko", entry{mode: modeFile, source: filepath.Join(kernel, "modules", module+".ko")})
	}
	for _, tool := range tools {
		path, err := exec.LookPath(tool)
		if err != nil {
			return nil, err
		}
		programs[tool] = path
	}
	for name, path := range programs {
		a.add("bin/"+name, entry{mode: modeFile, source: path})
		if err := a.addLibraries(path); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// addLibraries adds the libraries of a program at the paths that they have here.
func (a archive) addLibraries(program string) error {
	out, err := exec.Command("ldd", program).CombinedOutput()
	if err != nil {
		if strings.Contains(string(out), "not a dynamic executable") {
			return nil
		}
		return fmt.Errorf("ldd %s: %w: %s", program, err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.Contains(line, "not found") {
			return fmt.Errorf("ldd %s: %s", program, line)
		}
		// "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)", "/lib64/ld-linux-x86-64.so.2 (0x...)"
		for _, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "/") {
				a.add(word[1:], entry{mode: modeFile, source: word})
			}
		}
	}
	return nil
}

// writeImage writes the initramfs into a file.
func writeImage(path, kernel string, programs map[string]string) error {
	a, err := image(kernel, programs)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := a.write(f); err != nil {
		return fmt.Errorf("writing the initramfs: %w", err)
	}
	return f.Close()
}
