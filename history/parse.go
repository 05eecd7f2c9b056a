package history

// ParseEDN reads one value written as EDN, as [Value.String] prints it, and
// nothing behind it.
func ParseEDN(text string) (Value, error) {
	var s source
	s.name = "value"
	s.reset([]byte(text), 1, 1)
	p := &ednReader{newRows(s, &ednNotation)}
	r, err := p.value()
	if err != nil {
		return Nil, err
	}
	if c, err := p.next(); err != nil || c != 0 || !p.atEnd() {
		if err != nil {
			return Nil, err
		}
		return Nil, p.expected("nothing after the value")
	}
	return p.h.Value(r), nil
}

// AppendJSONString appends s as a string of JSON.
func AppendJSONString(dst []byte, s string) []byte { return appendQuoted(dst, s) }
