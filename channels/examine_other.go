//go:build !linux

package channels

// examine knows the addresses only.
func (s *stream) examine(x *examination) error {
	x.protocol = s.protocol.String()
	x.paths = append(x.paths, wholePath(s))
	return nil
}
