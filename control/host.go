package control

import (
	"encoding/json"
	"fmt"

	"netperfmeter/channels"
)

// Host is a program and what it can do where it runs: the body of an
// Environment extension.
type Host struct {
	Program string `json:"program"`
	Version string `json:"version"`
	channels.Capabilities
}

// Program is what programs of this project call themselves.
const Program = "netperfmeter"

// ParseVersion reads and checks the version in the body of an Environment
// extension; "" if it does not say.
func ParseVersion(body []byte) (string, error) {
	var h struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(body, &h); err != nil {
		return "", fmt.Errorf("environment: %w", err)
	}
	if len(h.Version) > maxText {
		return "", fmt.Errorf("environment: version of %d bytes: expected at most %d", len(h.Version), maxText)
	}
	return h.Version, nil
}
