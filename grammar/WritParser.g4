// The sentences of Writ: all of the language, also what later stages refuse.
//
// INVARIANT: every decision needs at most two tokens, and no rule needs a predicate. ANTLR's DFA cache grows without
// bound on valid input as soon as one decision has to look through an expression; a bare `return` or a block as a
// match arm would be enough (tests/unit/frontend_lookahead_test.cpp measures it). That is also why operators are a
// flat list (the AST builder knows precedence), why statements are `expression (= expression)?`, and why `(`, `[`
// and `-` come in two kinds.
parser grammar WritParser;

options { tokenVocab = WritLexer; }

unit: edition? header declaration* EOF;
lone_expression: expression EOF;
lone_binding: binding EOF;

edition: EDITION NUMBER;
header: kind=(SCHEMA | POLICY | LIBRARY) name (FOR name)?;

declaration
  : PRIVATE? (record | enumeration | capability | slot | tier | default_bounds | use | config | constant | function | test)
  ;

record: RECORD name LBRACE (field COMMA?)* RBRACE;
field: word COLON type (ASSIGN expression)? (WHERE expression)?;
enumeration: ORDERED? ENUM name LBRACE (enumerator (COMMA enumerator)* COMMA?)? RBRACE;
enumerator: word;
capability: CAPABILITY name LBRACE host_function* RBRACE;
host_function: effect=(PURE | READS | EMITS)? FN name parameters result? (COST NUMBER)?;
slot: SLOT word parameters result? (ELSE expression)? body?;
tier: TIER name LBRACE tier_clause* RBRACE;
tier_clause: GRANTS name (COMMA name)* | (FUEL | MEMORY | STACK) NUMBER | PROVEN;
default_bounds: DEFAULT BOUNDS LBRACE (default_bound COMMA?)* RBRACE;
default_bound: name low=limit? RANGE high=limit;
use: USE name (DOT (name | LBRACE name (COMMA name)* COMMA? RBRACE))?;
config: CONFIG LBRACE (field COMMA?)* RBRACE;
constant: CONST name (COLON type)? ASSIGN expression;
function: FN name parameters result? body;
test: TEST STRING block;

parameters: (LPAREN | CALL_OPEN) (parameter (COMMA parameter)* COMMA?)? RPAREN;
parameter: word (COLON type)?;
result: ARROW type;
body: ASSIGN expression | block;

type: name type_arguments? type_bounds? (QUESTION | OR_ELSE)?;
type_arguments: LESS type (COMMA type)* GREATER;
type_bounds: (LPAREN | CALL_OPEN) low=limit? (RANGE high=limit? | OPEN_RANGE) RPAREN;
limit: MINUS? NUMBER;

block: LBRACE (statement | SEMICOLON)* RBRACE;
statement
  : binding
  | if_statement
  | FOR loop_names IN expression block
  | WHILE expression block
  | RETURN expression
  | BREAK
  | CONTINUE
  | GIVEN expression ASSIGN expression
  | WITH CONFIG LBRACE (knob COMMA?)* RBRACE
  | expectation
  | expression ((ASSIGN | PLUS_ASSIGN | MINUS_ASSIGN) expression)?
  ;
binding: (LET | VAR) name (COLON type)? ASSIGN expression;
if_statement: IF condition block (ELSE IF condition block)* (ELSE block)?;
condition: LET name ASSIGN expression | expression;
loop_names: name (COMMA name)?;
knob: word COLON expression;
expectation: EXPECT (TRAP name expression | EMITTED expression | expression (BECAUSE STRING)?);

expression: operation (QUESTION expression COLON operation)*;
operation: operand (infix operand | OPEN_RANGE)*;
infix
  : OR | AND | EQUAL | NOT_EQUAL | LESS | LESS_EQUAL | GREATER | GREATER_EQUAL | IN | RANGE | OR_ELSE
  | PLUS | INFIX_MINUS | STAR | SLASH | PERCENT
  ;
operand: (MINUS | NOT)* primary suffix*;
primary
  : name
  | literal
  | LPAREN expression RPAREN
  | LBRACKET (element (COMMA element)* COMMA?)? RBRACKET
  | LBRACE (entry (COMMA entry)* COMMA?)? RBRACE
  | fstring
  | match_expression
  | rule_block
  ;
literal: NUMBER | STRING | BYTES | TRUE | FALSE | ABSENT;
element: QUESTION? expression;
entry: QUESTION? expression (COLON expression)?;
fstring: FSTRING_OPEN (FSTRING_TEXT | FSTRING_HOLE expression RBRACE)* FSTRING_CLOSE;
suffix
  : (DOT | MAYBE_DOT | DOT_MAYBE) word
  | CALL_OPEN arguments RPAREN
  | INDEX_OPEN QUESTION? expression RBRACKET
  | WITH (LPAREN | CALL_OPEN) arguments RPAREN
  ;
arguments: (argument (COMMA argument)* COMMA?)?;
argument: RANGE | (word COLON)? expression;

match_expression: MATCH expression LBRACE (arm COMMA?)* RBRACE;
arm: pattern (PIPE pattern)* FAT_ARROW expression;
pattern
  : SOME (LPAREN | CALL_OPEN) name RPAREN
  | name (DOT word)?
  | MINUS? NUMBER
  | STRING
  | BYTES
  | TRUE
  | FALSE
  | ABSENT
  ;

rule_block: (DECIDE | COLLECT) LBRACE rule_item* otherwise? RBRACE;
rule_item
  : binding
  | FOR loop_names IN expression LBRACE rule_item* RBRACE
  | decision
  | SEMICOLON
  ;
decision: expression reason? WHEN expression;
otherwise: ELSE expression reason? SEMICOLON?;
reason: STRING | name (DOT word)+;

// A bare name: every word that is not reserved.
name
  : NAME | EDITION | SCHEMA | POLICY | LIBRARY | PRIVATE | USE | RECORD | ORDERED | ENUM | CAPABILITY | PURE | READS
  | EMITS | COST | SLOT | TIER | GRANTS | FUEL | MEMORY | STACK | PROVEN | DEFAULT | BOUNDS | CONFIG | CONST | TEST
  ;
// A name where nothing else can stand: reserved words too, because hosts have fields called `match` and `in`.
word
  : name | FN | LET | VAR | IF | ELSE | FOR | IN | WHILE | RETURN | BREAK | CONTINUE | EXPECT | MATCH | DECIDE | COLLECT
  | WHEN | WHERE | WITH | BECAUSE | GIVEN | ABSENT | SOME | TRUE | FALSE
  ;
