package passive

import (
	"errors"
	"io"

	"netperfmeter/control"
	"netperfmeter/wire"
)

// piecesPerWrite full RESULTS messages go to the kernel in one call.
const piecesPerWrite = 40

// resultFile is read from offset on; io.EOF at its end, another error where it
// could not be completed.
type resultFile interface {
	next(b []byte, offset int64) (int, error)
}

// sendResults ships a result file as RESULTS messages, while it is still being
// written, too. Every file that was asked for is sent to a last piece, even
// one that could not be written completely: the active side waits for it, and
// one of ours is told. The error is the channel's; the file's is returned as
// incomplete.
func sendResults(conn *control.Conn, file resultFile, ours bool) (incomplete, err error) {
	data := make([]byte, piecesPerWrite*wire.MaxResultsData)
	messages := make([]byte, 0, piecesPerWrite*(wire.HeaderSize+wire.MaxResultsData))
	held, offset := 0, int64(0)
	for {
		n, fileErr := file.next(data[held:], offset)
		held += n
		offset += int64(n)
		// Full pieces go out; a shorter rest waits for what follows.
		send := held - held%wire.MaxResultsData
		if fileErr != nil {
			send = held
		}
		cut := ours && fileErr != nil && !errors.Is(fileErr, io.EOF)
		messages = messages[:0]
		for sent := 0; sent < send; {
			piece := min(wire.MaxResultsData, send-sent)
			sent += piece
			messages = appendResults(messages, wire.Results{
				Data: data[sent-piece : sent], Last: fileErr != nil && sent == send, Incomplete: cut && sent == send,
			})
		}
		if fileErr != nil && send == 0 {
			messages = appendResults(messages, wire.Results{Last: true, Incomplete: cut})
		}
		if len(messages) > 0 {
			if err := conn.Write(messages); err != nil {
				return nil, err
			}
		}
		held = copy(data, data[send:held])
		if errors.Is(fileErr, io.EOF) {
			return nil, nil
		}
		if fileErr != nil {
			return fileErr, nil
		}
	}
}

func appendResults(b []byte, m wire.Results) []byte {
	b, err := m.Append(b)
	if err != nil {
		panic(err) // pieces are cut to fit
	}
	return b
}

// memory is a result file that is small enough to be kept.
type memory []byte

func (m memory) next(b []byte, offset int64) (int, error) {
	if offset == int64(len(m)) {
		return 0, io.EOF
	}
	return copy(b, m[offset:]), nil
}
