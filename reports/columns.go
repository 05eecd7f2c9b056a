package reports

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
)

// payloadHead is the payload without its bars: how many there are, and the
// distinct nodes that a column numbers.
type payloadHead struct {
	payload
	Bars  *struct{} `json:"bars,omitempty"` // they follow as columns
	Count int       `json:"count"`
	Nodes []string  `json:"nodes"`
}

// dictionary numbers texts in the order in which they appear.
type dictionary struct {
	number map[string]int
	texts  []string
}

func newDictionary() *dictionary { return &dictionary{map[string]int{}, []string{}} }

func (d *dictionary) of(texts []string) []int {
	numbers := make([]int, len(texts))
	for i, text := range texts {
		n, known := d.number[text]
		if !known {
			n = len(d.texts)
			d.number[text] = n
			d.texts = append(d.texts, text)
		}
		numbers[i] = n
	}
	return numbers
}

// encode packs the payload, deflated and in base64, of whose characters none means
// anything to an HTML parser. It is the length of the head, the head as JSON, then
// the columns of the bars one after the other, all numbers as zigzag varints: lane,
// start, duration, type, function, index, process, text, node, how many keys, and the
// keys, of which there are more or fewer than bars; at last the distinct texts that a
// column numbers, as JSON. Processes, nodes and texts are differences, see [sinceLane]
// and [sinceNew]. The script reads what its first picture needs, the first four
// columns, before it reads the rest.
func (d payload) encode() (string, error) {
	texts, nodes := newDictionary(), newDictionary()
	text, node := texts.of(d.Bars.Text), nodes.of(d.Bars.Node)
	head, err := json.Marshal(payloadHead{payload: d, Count: len(text), Nodes: nodes.texts})
	if err != nil {
		return "", err
	}
	said, err := json.Marshal(texts.texts)
	if err != nil {
		return "", err
	}
	plain := make([]byte, 0, len(head)+len(said)+20*len(text)) // about as much as the columns take
	plain = append(binary.AppendVarint(plain, int64(len(head))), head...)
	plain = appendColumn(plain, d.Bars.Lane)
	plain = appendColumn(plain, d.Bars.Start)
	plain = appendColumn(plain, d.Bars.Duration)
	process, node := sinceLane(d.Bars.Process, d.Bars.Lane), sinceLane(node, d.Bars.Lane)
	for _, column := range [][]int{d.Bars.Type, d.Bars.Function, d.Bars.Index, process, sinceNew(text), node, d.Bars.Touched, d.Bars.Key} {
		plain = appendColumn(plain, column)
	}
	plain = append(plain, said...)
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(plain); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
}

// sinceLane returns differences to the bar before on the same lane, most of which has
// the same process and node: they take next to nothing once deflated.
func sinceLane(column, lane []int) []int {
	last, out := map[int]int{}, make([]int, len(column))
	for i, n := range column {
		out[i] = n - last[lane[i]]
		last[lane[i]] = n
	}
	return out
}

// sinceNew returns how long ago each text was new: 0 for the first time.
func sinceNew(text []int) []int {
	known, out := 0, make([]int, len(text))
	for i, n := range text {
		out[i] = known - n
		known = max(known, n+1)
	}
	return out
}

func appendColumn[N int | int64](b []byte, column []N) []byte {
	for _, n := range column {
		b = binary.AppendVarint(b, int64(n))
	}
	return b
}
