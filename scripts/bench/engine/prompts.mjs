/** @param {number} index */
export function story(index) {
  return `Write a very long and detailed story about the adventures of hero number ${index + 1}.`;
}

/**
 * About so many tokens of text that no other call gives.
 * @param {number} tokens
 * @param {string | number} mark
 */
export function longText(tokens, mark) {
  const sentences = [`This is document ${mark}.`];
  for (let index = 0; sentences.length * 11 < tokens; index += 1) {
    sentences.push(`Paragraph ${index} of the book tells about the hearth.`);
  }
  return sentences.join(' ');
}

/**
 * The starter model's own template (ChatML with its usual system message), for the bare loop, which has none.
 * @param {string} text
 */
export function chatMl(text) {
  const system = 'You are a helpful AI assistant named SmolLM, trained by Hugging Face';
  return `<|im_start|>system\n${system}<|im_end|>\n<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;
}
