//go:build !linux

package channels

import "time"

func setUserTimeout(int, time.Duration) error { return ErrUnsupported }
