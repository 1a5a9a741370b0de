package control

import "netperfmeter/channels"

// Host is a program and what it can do where it runs: the body of an
// Environment extension.
type Host struct {
	Program string `json:"program"`
	Version string `json:"version"`
	channels.Capabilities
}

// Program is what programs of this project call themselves.
const Program = "netperfmeter"
