// What may happen to a customer: a group of ways for each part of billing, each way a small form of its own.

const REASONS = [
  ["switched_service", "Switched to another service"],
  ["too_expensive", "Too expensive"],
  ["missing_features", "Missing features"],
  ["unused", "Not used"],
  ["too_complex", "Too complex"],
  ["customer_service", "Customer service"],
  ["low_quality", "Low quality"],
  ["other", "Other"],
];
const DECLINES = [
  ["insufficient_funds", "Insufficient funds"],
  ["expired_card", "Expired card"],
  ["generic_decline", "Declined without a reason"],
  ["lost_card", "Lost card"],
];

const leaving = [
  { name: "feedback", label: "Reason", options: REASONS },
  { name: "comment", label: "In their words", value: "A competitor offers single sign-on at half the price.", wide: true },
];

/** The groups; a way is offered when its verb is among the customer's choices. */
export const groups = (customer) => [
  {
    title: "Payments",
    about: "A payment of a valuable account that fails twice opens an alert; one that comes in closes it.",
    ways: [
      { verb: "fail_payment", label: "Fail a payment", fields: [{ name: "code", label: "Why it is declined", options: DECLINES }], told: "A payment failed" },
      { verb: "recover_payment", label: "Let it go through", told: "The payment went through" },
    ],
  },
  {
    title: "Plan and seats",
    about: "Upgrades and seats move MRR: tomorrow's coffee stats say by how much and why.",
    ways: [
      { verb: "change_plan", label: "Change plan", told: "The plan was changed",
        fields: [{ name: "plan", label: "New plan", options: (customer.plans ?? []).map((plan) => [plan.id, plan.name]) }] },
      { verb: "change_quantity", label: "Set seats", told: "The seats were changed", extra: { invoice_now: true },
        fields: [{ name: "quantity", label: "Seats", number: true, value: (customer.seats ?? 0) + 10 }] },
    ],
  },
  {
    title: "Leaving",
    about: "An account that gives notice opens an alert, and its owner is asked for the exit interview.",
    ways: [
      { verb: "schedule_cancel", label: "Cancel at the end of the period", fields: leaving, told: "The customer gave notice",
        also: { verb: "cancel", label: "Cancel at once", danger: true, told: "The subscription was cancelled" } },
      { verb: "keep", label: "Stay after all", told: "The customer stays" },
    ],
  },
  {
    title: "Card",
    about: "A card that ends before its next charge counts as a sign of risk.",
    ways: [
      { verb: "expire_card", label: "Expire the card", told: "The card has expired" },
      { verb: "renew_card", label: "Give a new card", told: "A new card is on file" },
    ],
  },
  {
    title: "Discount",
    about: "A discount lowers MRR only if it lasts forever; one that ends raises what is paid.",
    ways: [
      { verb: "discount", label: "Give the discount", told: "The discount was given",
        fields: [{ name: "coupon", label: "Coupon", options: (customer.coupons ?? []).map((coupon) => [coupon.id, coupon.name]) }] },
      { verb: "end_discount", label: "End the discount", told: "The discount ended" },
    ],
  },
];
