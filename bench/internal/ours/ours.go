//go:build linux

// Package ours runs the program under test as a user does, two processes with
// defaults, and judges its result files by readers of its own: nothing here uses
// the code that is measured.
//
// It owns the temporary folder with the built program and the result files.
package ours

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"netperfmeter/bench/internal/lab"
)

const host = "127.0.0.1"

// Program is a built netperfmeter, or another one with the same command line and files.
type Program struct {
	Path        string   // the executable
	Folder      string   // of the result files; removed by Close
	Environment []string // added for the passive side
	Options     []string // added on the active side
	Version     string
}

// Build makes the program out of this checkout, in a temporary folder.
func Build(ctx context.Context) (*Program, error) {
	folder, err := os.MkdirTemp("", "netperfmeter-bench-")
	if err != nil {
		return nil, err
	}
	p := &Program{Path: filepath.Join(folder, "netperfmeter"), Folder: folder}
	out, _, err := lab.Run(ctx, 10*time.Minute, "go", "build", "-o", p.Path, "./cmd/netperfmeter")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("building ./cmd/netperfmeter: %w: %s", err, out), p.Close())
	}
	return p, nil
}

// Close removes the folder.
func (p *Program) Close() error { return os.RemoveAll(p.Folder) }

// Job is one measurement.
type Job struct {
	Flows   []string // options, e.g. "-tcp", "const0:const1400:const0:const0"
	Seconds int
	Vectors string // suffix of the vector files: "", ".vec" or ".vec.bz2"
	Port    uint16 // base port, the second of ten free ones
	Target  uint16 // base port that the active side connects to, 0: Port
	// After bounds the time from the end of the run to the end of both processes.
	After time.Duration
	// Watch samples both processes at this interval, 0: not at all.
	Watch time.Duration
}

// Run is a finished measurement.
type Run struct {
	Job             Job
	Active, Passive Scalars
	Elapsed         time.Duration // of the active process
	Sender          lab.Usage     // the active process
	Receiver        lab.Usage     // the passive process
	ActiveSamples   []lab.Sample
	PassiveSamples  []lab.Sample
	passiveFiles    []lab.FileSizes
	Output          string // of the active side
	base            string // file name pattern
}

// Run measures once. The caller removes the files with Run.Remove.
func (p *Program) Run(ctx context.Context, job Job) (*Run, error) {
	port := strconv.Itoa(int(job.Port))
	passive, err := lab.StartWith(ctx, p.Environment, p.Path, port)
	if err != nil {
		return nil, err
	}
	defer passive.Kill()
	if err := lab.WaitListening(ctx, "tcp", job.Port+1, 5*time.Second); err != nil {
		return nil, fmt.Errorf("passive side: %w: %s", err, passive.Output())
	}
	r := &Run{Job: job, base: filepath.Join(p.Folder, "run-"+port)}
	active, err := lab.Start(ctx, p.Path, p.arguments(r)...)
	if err != nil {
		return nil, err
	}
	defer active.Kill()
	var watches [2]*lab.Watch
	if job.Watch > 0 {
		watches[0] = lab.StartWatch(active.Pid(), job.Watch, false)
		watches[1] = lab.StartWatch(passive.Pid(), job.Watch, job.Vectors != "")
	}
	r.Sender, err = active.Wait(time.Duration(job.Seconds)*time.Second + job.After)
	r.Elapsed, r.Output = r.Sender.Elapsed, active.Output()
	if job.Watch > 0 {
		r.ActiveSamples, _ = watches[0].Stop()
		r.PassiveSamples, r.passiveFiles = watches[1].Stop()
	}
	if err != nil {
		return r, errors.Join(fmt.Errorf("active side: %w; passive side: %s", err, end(passive.Output())), r.Remove())
	}
	if r.Receiver, err = passive.Stop(10 * time.Second); err != nil {
		return r, errors.Join(fmt.Errorf("passive side: %w", err), r.Remove())
	}
	if err := r.readScalars(); err != nil {
		return r, errors.Join(err, r.Remove())
	}
	return r, nil
}

// arguments returns the active side's command line: what a user needs to get the files.
func (p *Program) arguments(r *Run) []string {
	a := []string{fmt.Sprintf("%s:%d", host, cmp.Or(r.Job.Target, r.Job.Port))}
	a = append(a, p.Options...)
	a = append(a, "-runtime="+strconv.Itoa(r.Job.Seconds), "-scalar="+r.base+".sca")
	if r.Job.Vectors != "" {
		a = append(a, "-vector="+r.base+r.Job.Vectors)
	}
	return append(a, r.Job.Flows...)
}

func (r *Run) readScalars() (err error) {
	if r.Active, err = readScalars(r.base+"-active.sca", "active"); err != nil {
		return err
	}
	r.Passive, err = readScalars(r.base+"-passive.sca", "passive")
	return err
}

// VectorFile returns the name of a flow's vector file.
func (r *Run) VectorFile(passive bool, flow int) string {
	side := "active"
	if passive {
		side = "passive"
	}
	return fmt.Sprintf("%s-%s-%08x-0000%s", r.base, side, flow, r.Job.Vectors)
}

// Remove deletes the result files.
func (r *Run) Remove() error {
	names, err := filepath.Glob(r.base + "*")
	if err != nil {
		return err
	}
	for _, name := range names {
		if e := os.Remove(name); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func end(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 400 {
		text = text[len(text)-400:]
	}
	return strings.ReplaceAll(text, "\n", " | ")
}
