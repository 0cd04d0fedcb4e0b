// The words of Writ. Pure: no actions and no predicates, so that the lexer's DFA is finite and warm.
//
// The lexer reads bytes, not code points: text is checked to be UTF-8 before it gets here, and a character above
// ASCII is legal only inside strings and comments. It accepts every text: what is wrong becomes a token of its own
// (UNTERMINATED, BAD_WORD, UNKNOWN), which frontend/scan.cpp turns into a diagnostic. That file also retypes
// tokens by the line rule; the kinds that only it makes are in `tokens` below.
//
// The order of kinds is repeated in frontend/tokens.def and checked there at compile time.
lexer grammar WritLexer;

tokens {
  CALL_OPEN,    // a `(` that continues the expression before it
  INDEX_OPEN,   // a `[` that does
  INFIX_MINUS,  // a `-` that does
  OPEN_RANGE,   // a `..` behind an operand and before none
  TRAP,         // `trap` right after `expect`, before a name
  EMITTED       // `emitted` there
}

// Reserved as bare names.
FN: 'fn';
LET: 'let';
VAR: 'var';
IF: 'if';
ELSE: 'else';
FOR: 'for';
IN: 'in';
WHILE: 'while';
RETURN: 'return';
BREAK: 'break';
CONTINUE: 'continue';
EXPECT: 'expect';
MATCH: 'match';
DECIDE: 'decide';
COLLECT: 'collect';
WHEN: 'when';
WHERE: 'where';
WITH: 'with';
BECAUSE: 'because';
GIVEN: 'given';
ABSENT: 'absent';
SOME: 'some';
TRUE: 'true';
FALSE: 'false';

// Soft: a keyword where the grammar asks for it, a name everywhere else.
EDITION: 'edition';
SCHEMA: 'schema';
POLICY: 'policy';
LIBRARY: 'library';
PRIVATE: 'private';
USE: 'use';
RECORD: 'record';
ORDERED: 'ordered';
ENUM: 'enum';
CAPABILITY: 'capability';
PURE: 'pure';
READS: 'reads';
EMITS: 'emits';
COST: 'cost';
SLOT: 'slot';
TIER: 'tier';
GRANTS: 'grants';
FUEL: 'fuel';
MEMORY: 'memory';
STACK: 'stack';
PROVEN: 'proven';
DEFAULT: 'default';
BOUNDS: 'bounds';
CONFIG: 'config';
CONST: 'const';
TEST: 'test';

NAME: [A-Za-z_] [A-Za-z0-9_]*;

// One kind for every number: the grammar never asks which, and frontend/lexical.cpp decodes value and unit. It
// takes all that is glued to the digits, so that `5x` and `10.0.0.1` are one mistake and not three tokens.
NUMBER: (DIGITS ('.' DIGITS)? | '.' DIGITS) ([eE] [+-]? DIGITS)? [A-Za-z0-9_]* ('.' [0-9] [A-Za-z0-9_]*)*;
fragment DIGITS: [0-9] [0-9_]*;

STRING: QUOTED | [rR] RAW;
BYTES: [bB] (QUOTED | [rR] RAW);
fragment QUOTED: '"' D_TEXT '"' | '\'' S_TEXT '\'' | '"""' DDD_TEXT '"""' | '\'\'\'' SSS_TEXT '\'\'\'';
fragment RAW: '"' ~["\r\n]* '"' | '\'' ~['\r\n]* '\'' | '"""' DDD_RAW '"""' | '\'\'\'' SSS_RAW '\'\'\'';
fragment D_TEXT: (~["\\\r\n] | '\\' ~[\r\n])*;
fragment S_TEXT: (~['\\\r\n] | '\\' ~[\r\n])*;
fragment DDD_TEXT: ('"'? '"'? (~["\\] | '\\' .))*;
fragment SSS_TEXT: ('\''? '\''? (~['\\] | '\\' .))*;
fragment DDD_RAW: ('"'? '"'? ~["])*;
fragment SSS_RAW: ('\''? '\''? ~['])*;

// A string whose end is missing: always shorter than the same string with its end.
UNTERMINATED: [bB]? ('"' D_TEXT '\\'? | '\'' S_TEXT '\\'? | '"""' DDD_TEXT '"'? '"'? '\\'? | '\'\'\'' SSS_TEXT '\''? '\''? '\\'?)
  | [bB]? [rR] ('"' ~["\r\n]* | '\'' ~['\r\n]* | '"""' DDD_RAW '"'? '"'? | '\'\'\'' SSS_RAW '\''? '\''?);

FSTRING_OPEN: 'f"' -> pushMode(F_D);
FSTRING_OPEN_S: 'f\'' -> type(FSTRING_OPEN), pushMode(F_S);
FSTRING_OPEN_DDD: 'f"""' -> type(FSTRING_OPEN), pushMode(F_DDD);
FSTRING_OPEN_SSS: 'f\'\'\'' -> type(FSTRING_OPEN), pushMode(F_SSS);

// A `{` comes back to this mode and its `}` leaves it, so that the `}` of an f-string's hole finds the way home.
LBRACE: '{' -> pushMode(DEFAULT_MODE);
RBRACE: '}' -> popMode;
LPAREN: '(';
RPAREN: ')';
LBRACKET: '[';
RBRACKET: ']';

COMMA: ',';
SEMICOLON: ';';
COLON: ':';
DOT: '.';
MAYBE_DOT: '?.';
DOT_MAYBE: '.?';
RANGE: '..';
ARROW: '->';
FAT_ARROW: '=>';
PIPE: '|';
QUESTION: '?';
OR_ELSE: '??';
ASSIGN: '=';
PLUS_ASSIGN: '+=';
MINUS_ASSIGN: '-=';
OR: '||';
AND: '&&';
EQUAL: '==';
NOT_EQUAL: '!=';
LESS: '<';
LESS_EQUAL: '<=';
GREATER: '>';
GREATER_EQUAL: '>=';
PLUS: '+';
MINUS: '-';
STAR: '*';
SLASH: '/';
PERCENT: '%';
NOT: '!';

DOC_COMMENT: '///' (~[/\n] ~[\n]*)?;
LINE_COMMENT: '//' ~[\n]* -> skip;
COMMENT_OPEN: '/*' -> pushMode(COMMENT);
SPACE: [ \t\r\n\f]+ -> skip;

BAD_WORD: [A-Za-z0-9_]* [\u0080-\u00FF] [A-Za-z0-9_\u0080-\u00FF]*;
UNKNOWN: .;

// Block comments nest, as in Rust.
mode COMMENT;
COMMENT_CLOSE: '*/' -> popMode;
COMMENT_NESTED: '/*' -> type(COMMENT_OPEN), pushMode(COMMENT);
COMMENT_TEXT: (~[/*]+ | '/' | '*') -> skip;

mode F_D;
FSTRING_CLOSE: '"' -> popMode;
FSTRING_HOLE: '{' -> pushMode(DEFAULT_MODE);
FSTRING_TEXT: (~["\\{}\r\n] | '\\' ~[\r\n] | '{{' | '}}')+;
FSTRING_LONE_BRACE: '}';
F_D_END: [\r\n\\] -> type(UNTERMINATED), popMode;

mode F_S;
F_S_CLOSE: '\'' -> type(FSTRING_CLOSE), popMode;
F_S_HOLE: '{' -> type(FSTRING_HOLE), pushMode(DEFAULT_MODE);
F_S_TEXT: (~['\\{}\r\n] | '\\' ~[\r\n] | '{{' | '}}')+ -> type(FSTRING_TEXT);
F_S_LONE_BRACE: '}' -> type(FSTRING_LONE_BRACE);
F_S_END: [\r\n\\] -> type(UNTERMINATED), popMode;

mode F_DDD;
F_DDD_CLOSE: '"""' -> type(FSTRING_CLOSE), popMode;
F_DDD_HOLE: '{' -> type(FSTRING_HOLE), pushMode(DEFAULT_MODE);
F_DDD_TEXT: (~["\\{}] | '\\' . | '{{' | '}}')+ -> type(FSTRING_TEXT);
F_DDD_QUOTE: '"' -> type(FSTRING_TEXT);
F_DDD_LONE_BRACE: '}' -> type(FSTRING_LONE_BRACE);
F_DDD_END: '\\' -> type(UNTERMINATED), popMode;

mode F_SSS;
F_SSS_CLOSE: '\'\'\'' -> type(FSTRING_CLOSE), popMode;
F_SSS_HOLE: '{' -> type(FSTRING_HOLE), pushMode(DEFAULT_MODE);
F_SSS_TEXT: (~['\\{}] | '\\' . | '{{' | '}}')+ -> type(FSTRING_TEXT);
F_SSS_QUOTE: '\'' -> type(FSTRING_TEXT);
F_SSS_LONE_BRACE: '}' -> type(FSTRING_LONE_BRACE);
F_SSS_END: '\\' -> type(UNTERMINATED), popMode;
