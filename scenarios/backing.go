package scenarios

import "github.com/goccy/go-yaml/ast"

// maxNodes bounds a cluster: it has to fit on one machine.
const maxNodes = 7

// backing reads { rabbitmq: { nodes: 3 } }.
func (p *scenarioReader) backing(n ast.Node) {
	p.fields(n, "backing", map[string]func(ast.Node){
		"rabbitmq": func(n ast.Node) {
			p.fields(n, "rabbitmq", map[string]func(ast.Node){
				"nodes": func(n ast.Node) {
					if v, ok := p.whole(n, "nodes", 1, maxNodes); ok {
						p.sc.Nodes = int(v)
					}
				},
			})
		},
	})
}
