package main

import (
	"fmt"
	"io"

	"netperfmeter/active"
	"netperfmeter/channels"
	"netperfmeter/control"
)

// The document of --capabilities with --json, described by
// docs/capabilities.schema.json.
const (
	capabilitiesName    = "netperfmeter-capabilities"
	capabilitiesVersion = 1
)

type capabilitiesDocument struct {
	Schema     string        `json:"schema"`
	Version    int           `json:"schema_version"`
	ExitStatus int           `json:"exit_status"`
	Error      *errorInfo    `json:"error"`
	ThisHost   control.Host  `json:"this_host"`
	Passive    *control.Host `json:"passive_side"` // null: no HOST was given, or it does not say
}

// writeCapabilities writes the document; err is why it is not complete.
func writeCapabilities(out *resultOutput, own control.Host, theirs *control.Host, err error) error {
	d := capabilitiesDocument{
		Schema: capabilitiesName, Version: capabilitiesVersion, ExitStatus: exitStatus(err), Error: newErrorInfo(err),
		ThisHost: complete(own),
	}
	if theirs != nil {
		host := complete(*theirs)
		d.Passive = &host
	}
	failed := out.write(func(w io.Writer) error {
		text, err := jsonText(d, " ")
		if err == nil {
			_, err = w.Write(append(text, '\n'))
		}
		return err
	})
	if failed != nil {
		return fmt.Errorf("%w: %w", active.ErrResults, failed)
	}
	return nil
}

// complete makes lists that are missing, as a peer may leave them out, empty.
func complete(h control.Host) control.Host {
	for _, list := range []*[]channels.Capability{&h.Transports, &h.Control, &h.Offloads, &h.TimeStamps} {
		if *list == nil {
			*list = []channels.Capability{}
		}
	}
	return h
}
