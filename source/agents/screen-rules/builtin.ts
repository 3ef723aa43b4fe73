import claude from './claude.json' with {type: 'json'};
import codex from './codex.json' with {type: 'json'};
import copilot from './copilot.json' with {type: 'json'};
import gemini from './gemini.json' with {type: 'json'};
import opencode from './opencode.json' with {type: 'json'};
import pi from './pi.json' with {type: 'json'};
import qwen from './qwen.json' with {type: 'json'};
import {parseScreenRules, type ScreenRules} from './schema.js';

/** The rules that come with the program, one set an agent. */
export const builtinScreenRules: readonly ScreenRules[] = [claude, codex, copilot, gemini, opencode, pi, qwen].map(parseScreenRules);
