/** Replies with tool calls. */

/** The first call of each reply. */
export const weatherCall = { name: 'get_weather', arguments: { city: 'Köln', days: 2 } };
/** The second call of each reply. */
export const sumCall = { name: 'add', arguments: { a: 1, b: 2.5 } };
const weatherJson = '{"name": "get_weather", "arguments": {"city": "Köln", "days": 2}}';
const sumJson = '{"name": "add", "arguments": {"a": 1, "b": 2.5}}';
export const weatherArguments = '{"city": "Köln", "days": 2}';

/** The same two calls in the form of each model family, as model cards, templates and bug reports show it. */
export const callReplies: Readonly<Record<string, string>> = {
  'Llama 4, in Python': '[get_weather(city="Köln", days=2), add(a=1, b=2.5)]',
  'Llama 4, with its marks': '<|python_start|>[get_weather(city="Köln", days=2), add(a=1, b=2.5)]<|python_end|>',
  LFM2: "<|tool_call_start|>[get_weather(city='Köln', days=2), add(a=1, b=2.5)]<|tool_call_end|>",
  'Olmo 3': '<function_calls>\nget_weather(city="Köln", days=2)\nadd(a=1, b=2.5)\n</function_calls>',
  'Gemma 3': '```tool_code\nget_weather(city="Köln", days=2)\nadd(a=1, b=2.5)\n```',
  'Gemma 4':
    '<|tool_call>call:get_weather{city:<|"|>Köln<|"|>,days:2}<tool_call|><|tool_call>call:add{a:1,b:2.5}<tool_call|>',
  FunctionGemma:
    '<start_function_call>call:get_weather{city:<escape>Köln<escape>,days:2}<end_function_call><start_function_call>call:add{a:1,b:2.5}<end_function_call>',
  'Command R7B':
    '<|START_ACTION|>[\n{"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Köln", "days": 2}},\n{"tool_call_id": "1", "tool_name": "add", "parameters": {"a": 1, "b": 2.5}}\n]<|END_ACTION|>',
  'Command R+':
    'Action:\n```json\n[\n{"tool_name": "get_weather", "parameters": {"city": "Köln", "days": 2}},\n{"tool_name": "add", "parameters": {"a": 1, "b": 2.5}}\n]\n```',
  Apertus:
    '<|tools_prefix|>[{"get_weather": {"city": "Köln", "days": 2}}, {"add": {"a": 1, "b": 2.5}}]<|tools_suffix|>',
  MiniMax:
    '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Köln</parameter>\n<parameter name="days">2</parameter>\n</invoke>\n<invoke name="add">\n<parameter name="a">1</parameter>\n<parameter name="b">2.5</parameter>\n</invoke>\n</minimax:tool_call>',
  'MiniMax M1': `<tool_calls>\n${weatherJson}\n${sumJson}\n</tool_calls>`,
  Hunyuan: `<tool_calls>\n<tool_call>get_weather\n\`\`\`json\n${weatherArguments}\n\`\`\`\n</tool_call>\n<tool_call>add\n\`\`\`json\n{"a": 1, "b": 2.5}\n\`\`\`\n</tool_call>\n</tool_calls>`,
  'Seed-OSS':
    '<seed:tool_call>\n<function=get_weather>\n<parameter=city>Köln</parameter>\n<parameter=days>2</parameter>\n</function>\n</seed:tool_call>\n<seed:tool_call>\n<function=add>\n<parameter=a>1</parameter>\n<parameter=b>2.5</parameter>\n</function>\n</seed:tool_call>',
  'Qwen3-Coder without its first mark':
    '<function=get_weather>\n<parameter=city>\nKöln\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n2.5\n</parameter>\n</function>\n</tool_call>',
  'Functionary 3.1': `<function=get_weather>${weatherArguments}</function><function=add>{"a": 1, "b": 2.5}</function>`,
  Firefunction: ` functools[${weatherJson}, ${sumJson}]`,
  'Phi-4-mini': `<|tool_call|>[${weatherJson}, ${sumJson}]<|/tool_call|>`,
  xLAM: `[${weatherJson}, ${sumJson}]`,
  'JSON in a fence': `\`\`\`json\n[${weatherJson}, ${sumJson}]\n\`\`\``,
  'JSON with a stray end': `${weatherJson}\n</tool_call>\n<tool_call>\n${sumJson}\n</tool_call>`,
  'a dictionary of Python':
    "<tool_call>{'name': 'get_weather', 'arguments': {'city': 'Köln', 'days': 2}}</tool_call><tool_call>{'name': 'add', 'arguments': {'a': 1, 'b': 2.5}}</tool_call>",
  InternLM: `<|action_start|><|plugin|>\n{"name": "get_weather", "parameters": ${weatherArguments}}<|action_end|><|action_start|><|plugin|>\n{"name": "add", "parameters": {"a": 1, "b": 2.5}}<|action_end|>`,
  Glaive: `<functioncall> ${weatherJson}<functioncall> ${sumJson}`,
  'Mistral without [ARGS]': `[TOOL_CALLS]get_weather${weatherArguments}[TOOL_CALLS]add{"a": 1, "b": 2.5}`,
  'Kimi K2 without its section': `<|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>${weatherArguments}<|tool_call_end|><|tool_call_begin|>functions.add:1<|tool_call_argument_begin|>{"a": 1, "b": 2.5}<|tool_call_end|>`,
  'DeepSeek V3.1 without its section': `<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>${weatherArguments}<｜tool▁call▁end｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{"a": 1, "b": 2.5}<｜tool▁call▁end｜>`,
  'DeepSeek V3.2':
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Köln</｜DSML｜parameter>\n<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n<｜DSML｜invoke name="add">\n<｜DSML｜parameter name="a" string="false">1</｜DSML｜parameter>\n<｜DSML｜parameter name="b" string="false">2.5</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
  'Step 3':
    '<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="get_weather"><steptml:parameter name="city">Köln</steptml:parameter><steptml:parameter name="days">2</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="add"><steptml:parameter name="a">1</steptml:parameter><steptml:parameter name="b">2.5</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_calls_end｜>',
  'Solar Open': `<|tool_calls|><|tool_call:begin|>abc123<|tool_call:name|>get_weather<|tool_call:args|>${weatherArguments}<|tool_call:end|><|tool_call:begin|>def456<|tool_call:name|>add<|tool_call:args|>{"a": 1, "b": 2.5}<|tool_call:end|>`,
  LongCat:
    '<longcat_tool_call>get_weather\n<longcat_arg_key>city</longcat_arg_key>\n<longcat_arg_value>Köln</longcat_arg_value>\n<longcat_arg_key>days</longcat_arg_key>\n<longcat_arg_value>2</longcat_arg_value>\n</longcat_tool_call>\n<longcat_tool_call>add\n<longcat_arg_key>a</longcat_arg_key>\n<longcat_arg_value>1</longcat_arg_value>\n<longcat_arg_key>b</longcat_arg_key>\n<longcat_arg_value>2.5</longcat_arg_value>\n</longcat_tool_call>',
  'GigaChat 3': `<|message_sep|>\n\nfunction call<|role_sep|>\n${weatherJson}<|message_sep|>\n\nfunction call<|role_sep|>\n${sumJson}`,
  MiroThinker: `<use_mcp_tool>\n<server_name>s</server_name>\n<tool_name>get_weather</tool_name>\n<arguments>\n${weatherArguments}\n</arguments>\n</use_mcp_tool>\n<use_mcp_tool>\n<server_name>s</server_name>\n<tool_name>add</tool_name>\n<arguments>\n{"a": 1, "b": 2.5}\n</arguments>\n</use_mcp_tool>`,
  'arguments as text': `<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Köln\\", \\"days\\": 2}"}</tool_call><tool_call>${sumJson}</tool_call>`,
  'MiniMax M3':
    ']<]minimax[>[<tool_call>\n]<]minimax[>[<invoke name="get_weather">]<]minimax[>[<city>Köln]<]minimax[>[</city>]<]minimax[>[<days>2]<]minimax[>[</days>]<]minimax[>[</invoke>\n]<]minimax[>[<invoke name="add">]<]minimax[>[<a>1]<]minimax[>[</a>]<]minimax[>[<b>2.5]<]minimax[>[</b>]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>',
  'DeepSeek V4':
    '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Köln</｜DSML｜parameter>\n<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n<｜DSML｜invoke name="add">\n<｜DSML｜parameter name="a" string="false">1</｜DSML｜parameter>\n<｜DSML｜parameter name="b" string="false">2.5</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
  'GigaChat 3.1': `<|function_call|>${weatherJson}<|function_call|>${sumJson}`,
  MiniCPM5:
    '<function name="get_weather"><param name="city"><![CDATA[Köln]]></param><param name="days">2</param></function>\n<function name="add"><param name="a">1</param><param name="b">2.5</param></function>',
  'DeepSeek R1':
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Köln", "days": 2}```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{"a": 1, "b": 2.5}```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
};
