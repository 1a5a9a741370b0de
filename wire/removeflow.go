package wire

// REMOVE_FLOW, control channel, active to passive: 4 to 17 are the key.
const removeFlowSize = keyEnd

// RemoveFlow ends a flow and asks for its vector file, if it has one.
type RemoveFlow struct{ Key }

// Append appends the message to b.
func (m RemoveFlow) Append(b []byte) []byte {
	b, p := extend(b, TypeRemoveFlow, 0, removeFlowSize)
	putKey(p, m.Key)
	return b
}

// ParseRemoveFlow reads b, which has to be one whole REMOVE_FLOW.
func ParseRemoveFlow(b []byte) (RemoveFlow, error) {
	if _, err := open(b, TypeRemoveFlow, removeFlowSize, removeFlowSize); err != nil {
		return RemoveFlow{}, err
	}
	return RemoveFlow{Key: getKey(b)}, nil
}
