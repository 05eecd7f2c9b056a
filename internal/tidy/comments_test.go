package tidy

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"unicode"
)

// packageDocs: every package has a doc.go, and its comment says what the
// package is for. A command may say it in main.go.
func packageDocs(t *tree) []violation {
	var found []violation
	first, documented := map[string]source{}, map[string]bool{}
	var folders []string
	for _, s := range t.goFiles() {
		if s.isTest() {
			continue
		}
		if _, seen := first[s.folder()]; !seen {
			first[s.folder()] = s
			folders = append(folders, s.folder())
		}
		isMain := s.syntax.Name.Name == "main"
		if file := path.Base(s.path); file == "doc.go" || isMain && file == "main.go" && s.syntax.Doc != nil {
			documented[s.folder()] = true
			found = append(found, packageComment(t, s)...)
		}
	}
	for _, folder := range folders {
		if !documented[folder] {
			found = append(found, violation{first[folder].path, 1, "package " + folder + " has no doc.go"})
		}
	}
	return found
}

func packageComment(t *tree, s source) []violation {
	start := "Package " + s.syntax.Name.Name + " "
	if s.syntax.Name.Name == "main" {
		start = "Command "
	}
	if doc := s.syntax.Doc.Text(); !strings.HasPrefix(strings.ReplaceAll(doc, "\n", " "), start) {
		return []violation{t.at(s.syntax, "the package comment must begin with %q", strings.TrimSpace(start))}
	}
	return nil
}

// docComments: everything exported says what it is, in a comment of its own, at
// the end of its line, or on the group that it stands in; or a neighbour's
// comment speaks of it by name, as an interface's may of its methods. Methods of
// interfaces count, since they are the contract; fields do not, their type says
// what they are for.
func docComments(t *tree) []violation {
	var found []violation
	for _, s := range t.goFiles() {
		if s.isTest() {
			continue
		}
		for _, decl := range s.syntax.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && isAPI(d) {
					found = append(found, t.at(d.Name, "exported %s has no comment", d.Name.Name))
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					found = append(found, undocumented(t, d, spec)...)
				}
			}
		}
	}
	return found
}

// isAPI reports whether a function can be seen from outside its package. Methods
// that the standard library's interfaces explain need no words.
func isAPI(d *ast.FuncDecl) bool {
	if !d.Name.IsExported() {
		return false
	}
	if d.Recv == nil {
		return true
	}
	standard := []string{"String", "Error", "Unwrap"}
	return ast.IsExported(receiver(d.Recv.List[0].Type)) && !slices.Contains(standard, d.Name.Name)
}

// receiver returns the name of a receiver's type, without pointer and parameters.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func undocumented(t *tree, group *ast.GenDecl, spec ast.Spec) []violation {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if !spec.Name.IsExported() {
			return nil
		}
		var found []violation
		if group.Doc == nil && spec.Doc == nil && spec.Comment == nil {
			found = append(found, t.at(spec, "exported %s has no comment", spec.Name.Name))
		}
		if i, ok := spec.Type.(*ast.InterfaceType); ok {
			found = append(found, undocumentedMethods(t, group, spec, i)...)
		}
		return found
	case *ast.ValueSpec:
		if group.Doc != nil || spec.Doc != nil || spec.Comment != nil {
			return nil
		}
		for _, name := range spec.Names {
			if name.IsExported() && !speaksOf(groupText(group), name.Name) {
				return []violation{t.at(name, "exported %s has no comment", name.Name)}
			}
		}
	}
	return nil
}

func undocumentedMethods(t *tree, group *ast.GenDecl, spec *ast.TypeSpec, i *ast.InterfaceType) []violation {
	about := group.Doc.Text() + spec.Doc.Text()
	var found []violation
	for _, m := range i.Methods.List {
		for _, name := range m.Names {
			explained := m.Doc != nil || m.Comment != nil || name.Name == "String" || speaksOf(about, name.Name)
			if name.IsExported() && !explained {
				found = append(found, t.at(name, "method %s of interface %s has no comment", name.Name, spec.Name.Name))
			}
		}
	}
	return found
}

// groupText returns the comments on the members of a group.
func groupText(group *ast.GenDecl) string {
	var text strings.Builder
	for _, spec := range group.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			text.WriteString(v.Doc.Text() + v.Comment.Text())
		}
	}
	return text.String()
}

// speaksOf reports whether a comment has the name as a word of its own.
func speaksOf(comment, name string) bool {
	words := strings.FieldsFunc(comment, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.Contains(words, name)
}
