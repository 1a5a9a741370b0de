package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"netperfmeter/stats"
)

// resultOutput is a file that has its name when it is complete, or stdout.
type resultOutput struct {
	io.Writer
	file *stats.ResultFile // nil: stdout
}

func openOutput(name string, stdout *os.File) (*resultOutput, error) {
	switch name {
	case "":
		return nil, nil
	case standardOutput:
		return &resultOutput{Writer: stdout}, nil
	}
	file, err := stats.CreateResult(name)
	if err != nil {
		return nil, err
	}
	return &resultOutput{file, file}, nil
}

// write writes a whole result and gives the file its name.
func (o *resultOutput) write(content func(io.Writer) error) error {
	if o == nil {
		return nil
	}
	buffered := bufio.NewWriterSize(o, 1<<16)
	err := content(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if o.file == nil {
		if err != nil {
			err = fmt.Errorf("writing to stdout: %w", err)
		}
		return err
	}
	if err != nil {
		o.file.Abort()
		return err
	}
	return o.file.Commit()
}

// writeAside is write for a file that may stay under another name, which it
// returns, so that an earlier file of its name stays.
func (o *resultOutput) writeAside(aside bool, content func(io.Writer) error) (name string, err error) {
	if o == nil || o.file == nil || !aside || !o.file.Replaces() {
		return "", o.write(content)
	}
	if err := content(o.file); err != nil {
		o.file.Abort()
		return "", err
	}
	name, err = o.file.CommitFailed()
	if err != nil {
		return "", err
	}
	return name, nil
}
