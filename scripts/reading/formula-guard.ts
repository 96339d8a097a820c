/** A cell without the apostrophe that our reports, as others do, put before what a spreadsheet would run as a formula. */
export function withoutGuard(cell: string): string {
  return cell.replace(/^'(?=[=+\-@＝＋－＠])/, "");
}
