// Marks a text that is translated where it is shown.
export const N_ = (text) => text;
