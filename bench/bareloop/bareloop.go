//go:build linux

// Package bareloop holds the C programs that do the least of what a measuring
// program does, and compiles them. They are the measure of what a machine gives.
package bareloop

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"netperfmeter/bench/internal/lab"
)

//go:embed *.c *.h
var sources embed.FS

// Programs are the compiled loops.
type Programs struct {
	Paced     string // paths
	ManyFlows string
	folder    string
}

// Compile builds both with gcc in a temporary folder.
func Compile(ctx context.Context) (*Programs, error) {
	folder, err := os.MkdirTemp("", "netperfmeter-bareloop-")
	if err != nil {
		return nil, err
	}
	p := &Programs{Paced: filepath.Join(folder, "paced"), ManyFlows: filepath.Join(folder, "manyflows"), folder: folder}
	if err := os.CopyFS(folder, sources); err != nil {
		p.Close()
		return nil, err
	}
	for _, program := range []string{p.Paced, p.ManyFlows} {
		out, _, err := lab.Run(ctx, time.Minute, "gcc", "-O2", "-Wall", "-Wextra", "-o", program, program+".c")
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("compiling %s.c: %w: %s", filepath.Base(program), err, out)
		}
	}
	return p, nil
}

// Close removes the programs.
func (p *Programs) Close() { _ = os.RemoveAll(p.folder) }
