package history

import "unicode/utf8"

// isName reports whether s can stand in EDN as a keyword's name or a tag.
func isName(s string) bool {
	if s == "" || s[0] == ':' || s[0] == '#' || !utf8.ValidString(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; ednClass[c]&isToken == 0 && c != '#' {
			return false
		}
	}
	return true
}

// isKeyword reports whether s is a legal keyword, given without its colon.
func isKeyword(s string) bool { return isName(s) }

// isSymbol reports whether s is a legal symbol, so that it reads back as one.
func isSymbol(s string) bool {
	if !isName(s) || s == "nil" || s == "true" || s == "false" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	return len(s) < 2 || s[0] != '-' && s[0] != '+' || s[1] < '0' || s[1] > '9'
}
